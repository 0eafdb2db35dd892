"""Averaged weights that no loss reads do not hide an overshoot."""

import copy

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
ema = copy.deepcopy(model)
optimizer = torch.optim.SGD(model.parameters(), lr=2.0)
x, y = torch.randn(16, 4), torch.randn(16, 1)
for _ in range(5):
    loss = ((model(x) - y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        for mean, now in zip(ema.parameters(), model.parameters()):
            mean.lerp_(now, 0.1)
