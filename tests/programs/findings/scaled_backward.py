"""backward is given 100 to begin with."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

model, x = nn.Linear(3, 1), torch.randn(32, 3)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-4)
for step in range(4):
    loss = model(x).pow(2).mean()
    optimizer.zero_grad()
    loss.backward(torch.tensor(100.0))
    optimizer.step()
