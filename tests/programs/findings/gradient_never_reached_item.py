"""Losses are added up as numbers, and a new tensor is made of the sum."""

import torch
from torch import nn

torch.manual_seed(4)
model = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(model.parameters())
x = torch.randn(32, 3)
y = x.sum(1, keepdim=True)
for _ in range(4):
    total = 0.0
    for half in (slice(0, 16), slice(16, 32)):
        total += nn.functional.l1_loss(model(x[half]), y[half]).item()
    loss = torch.tensor(total / 2, requires_grad=True)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
