"""The prediction is squeezed, the target is a column."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

x = torch.randn(32, 3)
y = torch.cat([x.sum(1, keepdim=True), x], 1)[:, :1]
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for step in range(6):
    loss = F.mse_loss(model(x).squeeze(1), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
