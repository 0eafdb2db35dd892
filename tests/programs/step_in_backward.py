"""The optimizer's step inside backward: one optimizer a parameter, by register_post_accumulate_grad_hook.

Phases: f b u f b u f b u
"""

import sys

import torch
from torch import nn

torch.manual_seed(28)
log = {"losses": [], "grads": []}

model = nn.Sequential(nn.Linear(4, 10), nn.ReLU(), nn.Linear(10, 1))
optimizers = {p: torch.optim.Adam([p], lr=0.01, foreach=False) for p in model.parameters()}


def optimizer_hook(parameter):
    log["grads"][-1].append(parameter.grad.clone())
    optimizers[parameter].step()
    optimizers[parameter].zero_grad()


for p in model.parameters():
    p.register_post_accumulate_grad_hook(optimizer_hook)

x = torch.randn(15, 4)
y = x.abs().sum(dim=1, keepdim=True)

for step in range(3):
    log["grads"].append([])
    loss = nn.functional.l1_loss(model(x), y)
    loss.backward()
    log["losses"].append(loss.item())
    print(step, loss.item())

if len(sys.argv) > 1:
    torch.save(log | {"weights": model.state_dict()}, sys.argv[1])
