"""Updates by hand, spelled `w = (w - lr * w.grad).detach().requires_grad_()`: every update makes new leaves.

Phases: f b u f b u f b u f b u
"""

import sys

import torch

torch.manual_seed(3)
log = {"losses": [], "grads": []}

x = torch.randn(10, 2)
y = x[:, 0] * 2 - x[:, 1] + 1

w = torch.zeros(2, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
lr = 0.1

for i in range(4):
    loss = (x @ w + b - y).square().mean()
    loss.backward()
    print(i, loss.item(), w.tolist(), b.item())
    log["losses"].append(loss.item())
    log["grads"].append({"w": w.grad.clone(), "b": b.grad.clone()})

    w = (w - lr * w.grad).detach().requires_grad_()
    b = (b - lr * b.grad).detach().requires_grad_()

if len(sys.argv) > 1:
    torch.save(log | {"weights": {"w": w.detach(), "b": b.detach()}}, sys.argv[1])
