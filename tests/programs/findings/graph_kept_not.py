"""Losses of micro-batches are summed before one backward, and the curve is summed as numbers."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

model, x = nn.Linear(3, 1), torch.randn(32, 3)
y = x.sum(1, keepdim=True)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
curve, detached = 0.0, torch.zeros(())
for step in range(6):
    total = torch.zeros(())
    for part, target in zip(x.chunk(4), y.chunk(4)):
        total = total + F.mse_loss(model(part), target)
    optimizer.zero_grad()
    total.backward()
    optimizer.step()
    curve += total.item()
    detached += total.detach()
