"""The mean of the losses."""

import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(12, 3)
y = torch.randint(0, 2, (12,))
model = nn.Linear(3, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(2):
    optimizer.zero_grad()
    losses = nn.functional.cross_entropy(model(X), y, reduction="mean")
    losses.backward()
    optimizer.step()
