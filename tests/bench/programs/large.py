"""100 million parameters with AdamW."""

import torch
from laps import laps
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(*(nn.Linear(2500, 2500) for _ in range(16)))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
x = torch.randn(64, 2500)
for _ in laps(8):
    optimizer.zero_grad()
    loss = model(x).square().mean()
    loss.backward()
    optimizer.step()
