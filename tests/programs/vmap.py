"""A function that is mapped over a batch, with grad and without: what is batched has no memory of its own.

Phases: f b u f b u f b u
"""

import sys

import torch

torch.manual_seed(35)
log = {"losses": [], "grads": []}

w = torch.randn(4, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
x = torch.randn(6, 4)

for _ in range(3):
    with torch.no_grad():
        scores = torch.vmap(lambda row: w * row)(x)
        torch.vmap(lambda row: row.add_(1))(scores)
    loss = torch.vmap(lambda row: (w * row).sum() ** 2)(x).mean()
    optimizer.zero_grad()
    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append({"w": w.grad.clone()})
    optimizer.step()

if len(sys.argv) > 1:
    torch.save(log | {"weights": [w.detach(), scores]}, sys.argv[1])
