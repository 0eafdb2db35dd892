"""Dies of a segmentation fault after two iterations.

Phases: f b u f b u
Exit: 139
"""

import ctypes

import torch

torch.manual_seed(45)

w = torch.tensor([4.0, -2.0], requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.2)

for step in range(10):
    optimizer.zero_grad()
    loss = w.pow(2).sum()
    loss.backward()
    optimizer.step()
    print(step, loss.item(), flush=True)
    if step == 1:
        ctypes.string_at(0)
