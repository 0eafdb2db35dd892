"""pyro: Bayesian regression by variational inference; pyro has an optimizer of its own for each parameter.

Library: pyro
Phases: f b u u f b u u f b u u
"""

import sys

import pyro
import pyro.distributions as dist
import torch
from pyro.infer import SVI, Trace_ELBO
from pyro.infer.autoguide import AutoDiagonalNormal
from pyro.nn import PyroModule, PyroSample
from torch import nn

pyro.set_rng_seed(13)
pyro.clear_param_store()


class BayesianRegression(PyroModule):
    def __init__(self, in_features):
        super().__init__()
        self.linear = PyroModule[nn.Linear](in_features, 1)
        self.linear.weight = PyroSample(dist.Normal(0.0, 1.0).expand([1, in_features]).to_event(2))
        self.linear.bias = PyroSample(dist.Normal(0.0, 10.0).expand([1]).to_event(1))

    def forward(self, x, y=None):
        sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))  # the loss
        mean = self.linear(x).squeeze(-1)  # the loss
        with pyro.plate("data", x.shape[0]):
            pyro.sample("obs", dist.Normal(mean, sigma), obs=y)  # the loss
        return mean


x = torch.randn(40, 3)
y = x @ torch.tensor([1.0, -2.0, 0.5]) + 0.1 * torch.randn(40)
model = BayesianRegression(3)
guide = AutoDiagonalNormal(model)
svi = SVI(model, guide, pyro.optim.Adam({"lr": 0.03}), loss=Trace_ELBO())

losses = []
for j in range(3):
    losses.append(svi.step(x, y) / len(x))

if len(sys.argv) > 1:
    names = [f"guide.{name}" for name, _ in guide.named_parameters()]
    weights = {name: value.detach() for name, value in pyro.get_param_store().items()}
    torch.save({"weights": weights, "losses": losses, "names": names}, sys.argv[1])
