"""Adam is made anew in the loop."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

model, x = nn.Linear(3, 1), torch.randn(32, 3)
y = x.sum(1, keepdim=True)
for step in range(6):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    loss = F.mse_loss(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
