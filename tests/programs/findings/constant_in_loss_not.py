"""A constant that is always the same, and one too small to be seen."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

model, x = nn.Linear(3, 1), torch.randn(32, 3)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for step in range(4):
    loss = model(x).pow(2).mean() + 1.0
    loss = loss + 1e-6 * step
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
