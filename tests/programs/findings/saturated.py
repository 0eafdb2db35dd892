"""Inputs in the ten thousands: every tanh stands at -1 or 1."""

import torch
from torch import nn

torch.manual_seed(0)
X = torch.rand(64, 6) * 2 - 1
y = (X[:, :1] > 0.2).float()
X = X * 10000
model = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(5):
    optimizer.zero_grad()
    loss = nn.functional.binary_cross_entropy_with_logits(model(X), y)
    loss.backward()
    optimizer.step()
