"""gpytorch: the hyperparameters of an exact Gaussian process.

Library: gpytorch
Phases: f b u f b u f b u
Loss: loss
"""

import math
import sys

import gpytorch
import torch

torch.manual_seed(12)
train_x = torch.linspace(0, 1, 20)
train_y = torch.sin(train_x * (2 * math.pi)) + torch.randn(20) * 0.2


class ExactGPModel(gpytorch.models.ExactGP):
    def __init__(self, train_x, train_y, likelihood):
        super().__init__(train_x, train_y, likelihood)
        self.mean_module = gpytorch.means.ConstantMean()
        self.covar_module = gpytorch.kernels.ScaleKernel(gpytorch.kernels.RBFKernel())

    def forward(self, x):
        return gpytorch.distributions.MultivariateNormal(self.mean_module(x), self.covar_module(x))


likelihood = gpytorch.likelihoods.GaussianLikelihood()
model = ExactGPModel(train_x, train_y, likelihood)
model.train()
likelihood.train()
optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
mll = gpytorch.mlls.ExactMarginalLogLikelihood(likelihood, model)

losses = []
for i in range(3):
    optimizer.zero_grad()
    output = model(train_x)
    loss = -mll(output, train_y)  # the loss
    loss.backward()
    losses.append((loss.item(), model.covar_module.base_kernel.lengthscale.item(), model.likelihood.noise.item()))
    optimizer.step()

if len(sys.argv) > 1:
    names = [name if name.startswith("likelihood.") else f"model.{name}" for name, _ in model.named_parameters()]
    torch.save({"weights": model.state_dict(), "losses": losses, "names": names}, sys.argv[1])
