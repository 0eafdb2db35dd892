"""Weights changed through numpy: torch does not see the write at all.

Phases: f b u f b u f b u f b u
"""

import sys

import torch

torch.manual_seed(40)
log = {"losses": [], "grads": []}

x = torch.randn(9, 2)
y = x @ torch.tensor([3.0, -1.0])
w = torch.zeros(2, requires_grad=True)
lr = 0.2

for step in range(4):
    loss = ((x @ w - y) ** 2).mean()
    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append({"w": w.grad.clone()})
    w.detach().numpy()[:] -= lr * w.grad.numpy()
    w.grad = None
    print(step, loss.item())

if len(sys.argv) > 1:
    torch.save(log | {"weights": {"w": w.detach()}}, sys.argv[1])
