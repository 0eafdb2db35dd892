"""One scheduler a batch, one an epoch, and two that another one steps."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

from torch.optim.lr_scheduler import ConstantLR, ExponentialLR, SequentialLR, StepLR

model, x = nn.Linear(3, 1), torch.randn(32, 3)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
batch = SequentialLR(optimizer, [ConstantLR(optimizer, 0.5, 2), ExponentialLR(optimizer, 0.9)], [2])
epoch = StepLR(optimizer, 2)
for step in range(6):
    loss = model(x).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    batch.step()
    if step % 3 == 2:
        epoch.step()
