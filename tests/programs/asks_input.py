"""Asks for the learning rate on standard input (an empty line is 0.1), then trains.

Phases: f b u f b u f b u
"""

import torch

torch.manual_seed(49)

lr = float(input("learning rate: ") or 0.1)
w = torch.tensor([1.0, -1.0, 2.0], requires_grad=True)
optimizer = torch.optim.SGD([w], lr=lr)

for step in range(3):
    optimizer.zero_grad()
    loss = (w - 3).square().mean()
    loss.backward()
    optimizer.step()
    print(step, loss.item())
