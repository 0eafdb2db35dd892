"""A loss near ln K, and a sum over the batch, which is larger."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

x, y = torch.randn(64, 16), torch.randint(0, 4, (64,))
model = nn.Linear(16, 4)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
for step in range(3):
    loss = F.cross_entropy(model(x), y) + 0.01 * F.cross_entropy(model(x), y, reduction="sum")
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
