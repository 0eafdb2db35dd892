"""Each micro-batch loss is divided, in the loss or before backward."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

model, x = nn.Linear(3, 1), torch.randn(32, 3)
y = x.sum(1, keepdim=True)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for step in range(6):
    optimizer.zero_grad()
    for part, target in zip(x.chunk(4), y.chunk(4)):
        loss = F.mse_loss(model(part), target) / 4
        loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    for part, target in zip(x.chunk(4), y.chunk(4)):
        (0.25 * F.mse_loss(model(part), target)).backward()
    optimizer.step()
