"""Three weights, updated by hand."""

import torch
from laps import laps

w = torch.tensor([1.0, 1.0, -1.0], requires_grad=True)
x, y = torch.tensor([2.0, 3.0, 1.0]), torch.tensor(3.0)
for _ in laps(200):
    loss = (w @ x - y) ** 2
    loss.backward()
    with torch.no_grad():
        w -= 0.001 * w.grad
    w.grad = None
