"""Each iteration has 130,000 ops under no_grad, as an evaluation or a simulation has."""

import torch
from laps import laps

w = torch.tensor([1.0, 1.0, -1.0], requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.001)
x = torch.tensor([2.0, 3.0, 1.0])
for _ in laps(6):
    loss = (w @ x - 3) ** 2
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    with torch.no_grad():
        state = x
        for _ in range(65_000):
            state = (state * 0.5) + 1
