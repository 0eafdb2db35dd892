"""A softmax over the batch is given to cross_entropy."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

x, y = torch.randn(32, 6), torch.randint(0, 4, (32,))
model = nn.Linear(6, 4)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(6):
    loss = F.cross_entropy(model(x).softmax(0), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
