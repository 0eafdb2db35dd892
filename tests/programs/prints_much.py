"""Prints 200,000 lines between its first and its second iteration.

Phases: f b u f b u f b u
"""

import sys

import torch

torch.manual_seed(47)
log = {"losses": [], "grads": []}

w = torch.ones(3, requires_grad=True)
optimizer = torch.optim.Adagrad([w], lr=0.5)

for step in range(3):
    optimizer.zero_grad()
    loss = (w * torch.arange(3)).square().sum()
    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append({"w": w.grad.clone()})
    optimizer.step()
    if step == 0:
        for line in range(200_000):
            print("line", line)
    print(step, loss.item())

if len(sys.argv) > 1:
    torch.save(log | {"weights": {"w": w.detach()}}, sys.argv[1])
