"""Two losses in one call: torch.autograd.backward([a, b]). The loss of the stop is their sum.

Phases: f b u f b u f b u
"""

import sys

import torch

torch.manual_seed(9)
log = {"losses": [], "grads": []}

x = torch.randn(15, 4)
weight = torch.randn(4, 2, requires_grad=True)
optimizer = torch.optim.Adam([weight], lr=0.05)

for step in range(3):
    optimizer.zero_grad()
    first, second = (x @ weight).unbind(dim=1)
    loss_a = (first - 1).pow(2).mean()
    loss_b = (second + 1).abs().mean()
    torch.autograd.backward([loss_a, loss_b])
    log["losses"].append((loss_a + loss_b).item())
    log["grads"].append({"weight": weight.grad.clone()})
    optimizer.step()
    print(step, loss_a.item(), loss_b.item())

if len(sys.argv) > 1:
    torch.save(log | {"weights": {"weight": weight.detach()}}, sys.argv[1])
