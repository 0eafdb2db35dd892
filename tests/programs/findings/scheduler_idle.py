"""A scheduler is made, and the loop steps the optimizer alone."""

import torch
from torch import nn

torch.manual_seed(0)
model, x = nn.Linear(3, 1), torch.randn(32, 3)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2)
for step in range(6):
    loss = model(x).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
