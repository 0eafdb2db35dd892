"""A cosine that goes down to zero at its end, and a rate that has fallen where all is learned."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

model, done, x = nn.Linear(3, 1), nn.Linear(3, 1), torch.randn(32, 3)
y = x.sum(1, keepdim=True)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 20)
for step in range(20):
    loss = F.mse_loss(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()
