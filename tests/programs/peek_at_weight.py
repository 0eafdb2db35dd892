"""Prints one weight by indexing it (`w[0].item()`) after the last update: it makes a scalar that requires grad.

Nothing has consumed that scalar at the end, and yet a user would not call it a loss.

Phases: f b u f b u f b u
"""

import sys

import torch

torch.manual_seed(56)
log = {"losses": [], "grads": []}

x = torch.randn(10, 3)
y = x.sum(dim=1)
w = torch.zeros(3, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)

for step in range(3):
    optimizer.zero_grad()
    loss = (x @ w - y).pow(2).mean()
    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append({"w": w.grad.clone()})
    optimizer.step()
    print(step, loss.item(), "first weight", w[0].item())

if len(sys.argv) > 1:
    torch.save(log | {"weights": {"w": w.detach()}}, sys.argv[1])
