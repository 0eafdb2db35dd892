"""pyro: a coin, whose guide has two parameters in pyro's store and no module.

Library: pyro
Phases: f b u u f b u u f b u u
"""

import sys

import pyro
import pyro.distributions as dist
import torch
from pyro.distributions import constraints
from pyro.infer import SVI, Trace_ELBO
from pyro.optim import Adam

pyro.set_rng_seed(24)
pyro.clear_param_store()
data = torch.cat([torch.ones(6), torch.zeros(4)])


def model(data):
    fairness = pyro.sample("latent_fairness", dist.Beta(10.0, 10.0))  # the loss
    with pyro.plate("data", len(data)):
        pyro.sample("obs", dist.Bernoulli(fairness), obs=data)  # the loss


def guide(data):
    alpha_q = pyro.param("alpha_q", torch.tensor(15.0), constraint=constraints.positive)  # the loss
    beta_q = pyro.param("beta_q", torch.tensor(15.0), constraint=constraints.positive)  # the loss
    pyro.sample("latent_fairness", dist.Beta(alpha_q, beta_q))  # the loss


svi = SVI(model, guide, Adam({"lr": 0.0005, "betas": (0.90, 0.999)}), loss=Trace_ELBO())
losses = [svi.step(data) for _ in range(3)]

if len(sys.argv) > 1:
    weights = {name: value.detach() for name, value in pyro.get_param_store().items()}
    torch.save({"weights": weights, "losses": losses, "names": ["alpha_q", "beta_q"]}, sys.argv[1])
