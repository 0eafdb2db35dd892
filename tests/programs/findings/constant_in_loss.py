"""A penalty goes through .item() on its way to the loss."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

model, x = nn.Linear(3, 1), torch.randn(32, 3)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for step in range(4):
    loss = model(x).pow(2).mean() + model.weight.abs().sum().item()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
