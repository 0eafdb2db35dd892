"""Weights begin at random, biases at zero."""

import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(40, 5)
y = (X[:, 0] * X[:, 1] > 0).long()
model = nn.Sequential(nn.Linear(5, 8), nn.Sigmoid(), nn.Linear(8, 2))
for part in model:
    if isinstance(part, nn.Linear):
        nn.init.xavier_uniform_(part.weight)
        nn.init.zeros_(part.bias)
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
for step in range(6):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(X), y)
    loss.backward()
    optimizer.step()
