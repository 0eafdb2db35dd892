"""Ends by sys.exit(3) after two iterations, as a script does that met its target.

Phases: f b u f b u
Exit: 3
"""

import sys

import torch

torch.manual_seed(43)

w = torch.tensor([4.0, -2.0], requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.2)

for step in range(10):
    optimizer.zero_grad()
    loss = w.pow(2).sum()
    loss.backward()
    optimizer.step()
    print(step, loss.item())
    if loss.item() < 10:
        sys.exit(3)
