"""A meta step (MAML): the inner gradient with create_graph, an adapted copy of the weights, the outer loss.

Phases: f b f b u f b f b u f b f b u
"""

import sys

import torch
from torch import nn
from torch.func import functional_call

torch.manual_seed(12)
log = {"losses": [], "grads": []}

model = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 1))
meta_optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for task in range(3):
    phase = torch.rand(1) * 3
    x_support, x_query = torch.rand(5, 1), torch.rand(5, 1)
    y_support, y_query = torch.sin(x_support + phase), torch.sin(x_query + phase)

    weights = dict(model.named_parameters())
    inner_loss = nn.functional.mse_loss(functional_call(model, weights, (x_support,)), y_support)
    grads = torch.autograd.grad(inner_loss, weights.values(), create_graph=True)
    log["losses"].append(inner_loss.item())
    log["grads"].append([g.detach().clone() for g in grads])
    adapted = {name: w - 0.1 * g for (name, w), g in zip(weights.items(), grads)}

    outer_loss = nn.functional.mse_loss(functional_call(model, adapted, (x_query,)), y_query)
    meta_optimizer.zero_grad()
    outer_loss.backward()
    log["losses"].append(outer_loss.item())
    log["grads"].append([p.grad.clone() for p in model.parameters()])
    meta_optimizer.step()
    print(task, inner_loss.item(), outer_loss.item())

if len(sys.argv) > 1:
    torch.save(log | {"weights": model.state_dict()}, sys.argv[1])
