"""Ends by os._exit(4) after two iterations: no end of the interpreter is run.

Phases: f b u f b u
Exit: 4
"""

import os

import torch

torch.manual_seed(44)

w = torch.tensor([4.0, -2.0], requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.2)

for step in range(10):
    optimizer.zero_grad()
    loss = w.pow(2).sum()
    loss.backward()
    optimizer.step()
    print(step, loss.item(), flush=True)
    if step == 1:
        os._exit(4)
