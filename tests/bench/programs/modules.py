"""500 modules with 1,000 leaves."""

import torch
from laps import laps
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(*(nn.Linear(16, 16) for _ in range(500)))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
x = torch.randn(8, 16)
for _ in laps(30):
    optimizer.zero_grad()
    loss = model(x).square().mean()
    loss.backward()
    optimizer.step()
