"""An evaluation with grad before each epoch does not hinder the proof of a rise."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=2.0)
x, y = torch.randn(16, 4), torch.randn(16, 1)
for epoch in range(3):
    for _ in range(1200):  # evaluation with grad on
        model(x)
    for _ in range(2):
        loss = ((model(x) - y) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
