"""torch.autograd.grad returns the gradients, and the updates are made by hand: no .grad is ever filled.

Phases: f b u f b u f b u f b u
"""

import sys

import torch

torch.manual_seed(10)
log = {"losses": [], "grads": []}

x = torch.randn(30, 3)
y = (x**2).sum(dim=1)

w1 = torch.randn(3, 5, requires_grad=True)
w2 = torch.randn(5, requires_grad=True)

for step in range(4):
    loss = ((x @ w1).relu() @ w2 - y).pow(2).mean()
    g1, g2 = torch.autograd.grad(loss, [w1, w2])
    log["losses"].append(loss.item())
    log["grads"].append({"w1": g1.clone(), "w2": g2.clone()})
    with torch.no_grad():
        w1 -= 0.01 * g1
        w2 -= 0.01 * g2
    print(step, loss.item())

if len(sys.argv) > 1:
    torch.save(log | {"weights": {"w1": w1.detach(), "w2": w2.detach()}}, sys.argv[1])
