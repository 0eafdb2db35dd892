"""Averaged weights that no loss reads have no part in a rise."""

import copy

import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
ema = copy.deepcopy(model)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for _ in range(5):
    x, y = torch.randn(6, 4), torch.randint(0, 3, (6,))
    loss = nn.functional.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        for mean, now in zip(ema.parameters(), model.parameters()):
            mean.lerp_(now, 0.1)
