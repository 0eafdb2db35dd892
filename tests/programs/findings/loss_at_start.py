"""The inputs are far too large for the first layer."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

x, y = 255 * torch.rand(64, 16), torch.randint(0, 4, (64,))
model = nn.Linear(16, 4)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-5)
for step in range(3):
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
