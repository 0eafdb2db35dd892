"""The condition of a mask holds for no sample: the loss is 0, and so is every gradient."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
model, x = nn.Linear(3, 2), torch.randn(32, 3)
y = (x[:, 0] > 0).long()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for step in range(8):
    loss = (F.cross_entropy(model(x), y, reduction="none") * (y > 1)).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
