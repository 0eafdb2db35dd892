"""The same inputs, normalised."""

import torch
from torch import nn

torch.manual_seed(0)
X = torch.rand(64, 6) * 2 - 1
y = (X[:, :1] > 0.2).float()
X = (X - X.mean(0)) / X.std(0)
model = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(5):
    optimizer.zero_grad()
    loss = nn.functional.binary_cross_entropy_with_logits(model(X), y)
    loss.backward()
    optimizer.step()
