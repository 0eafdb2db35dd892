"""gpytorch: a variational Gaussian process on minibatches, with two optimizers.

Library: gpytorch
Phases: f b u u f b u u f b u u
Loss: loss
"""

import sys

import gpytorch
import torch
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(23)
train_x = torch.rand(48, 2)
train_y = torch.cos(3 * train_x).sum(1)


class GPModel(gpytorch.models.ApproximateGP):
    def __init__(self, inducing_points):
        distribution = gpytorch.variational.CholeskyVariationalDistribution(len(inducing_points))
        strategy = gpytorch.variational.VariationalStrategy(self, inducing_points, distribution)
        super().__init__(strategy)
        self.mean_module = gpytorch.means.ConstantMean()
        self.covar_module = gpytorch.kernels.ScaleKernel(gpytorch.kernels.MaternKernel(nu=2.5, ard_num_dims=2))

    def forward(self, x):
        return gpytorch.distributions.MultivariateNormal(self.mean_module(x), self.covar_module(x))


model = GPModel(train_x[:8])
likelihood = gpytorch.likelihoods.GaussianLikelihood()
model.train()
likelihood.train()
variational = torch.optim.Adam(model.variational_parameters(), lr=0.02)
hyper = torch.optim.Adam([{"params": model.hyperparameters()}, {"params": likelihood.parameters()}], lr=0.01)
mll = gpytorch.mlls.VariationalELBO(likelihood, model, num_data=len(train_y))

losses = []
for x_batch, y_batch in DataLoader(TensorDataset(train_x, train_y), batch_size=16, shuffle=True):
    variational.zero_grad()
    hyper.zero_grad()
    loss = -mll(model(x_batch), y_batch)  # the loss
    loss.backward()
    variational.step()
    hyper.step()
    losses.append(loss.item())

if len(sys.argv) > 1:
    names = [f"model.{name}" for name, _ in model.named_parameters()]
    torch.save({"weights": model.state_dict(), "losses": losses, "names": names}, sys.argv[1])
