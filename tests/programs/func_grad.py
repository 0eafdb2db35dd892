"""Functional training with torch.func.grad: no tensor ever requires grad, no backward is called, so no phases.

Phases: (none)
"""

import sys

import torch
from torch import nn
from torch.func import functional_call, grad_and_value

torch.manual_seed(53)
log = {"losses": [], "grads": []}

model = nn.Sequential(nn.Linear(3, 6), nn.Tanh(), nn.Linear(6, 1))
weights = {name: p.detach() for name, p in model.named_parameters()}
x = torch.randn(11, 3)
y = x.norm(dim=1, keepdim=True)


def loss_of(weights, x, y):
    return nn.functional.mse_loss(functional_call(model, weights, (x,)), y)


for step in range(3):
    grads, loss = grad_and_value(loss_of)(weights, x, y)
    log["losses"].append(loss.item())
    log["grads"].append({name: g.clone() for name, g in grads.items()})
    weights = {name: w - 0.1 * grads[name] for name, w in weights.items()}
    print(step, loss.item())

if len(sys.argv) > 1:
    torch.save(log | {"weights": weights}, sys.argv[1])
