"""Momentum by hand, which swings past the minimum."""

import torch

torch.manual_seed(1)
w = torch.tensor(5.0, requires_grad=True)
v = torch.tensor(0.0)
for i in range(30):
    loss = (w - 1) ** 2
    loss.backward()
    with torch.no_grad():
        v = 0.9 * v + w.grad
        w -= 0.1 * v
    w.grad = None
