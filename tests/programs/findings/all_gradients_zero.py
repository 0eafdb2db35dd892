"""The output is multiplied by a mask that is all zeros."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

model, x = nn.Linear(3, 1), torch.randn(32, 3)
mask = torch.zeros(32, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for step in range(4):
    loss = (torch.tanh(model(x)) * mask).sum() + 1
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
