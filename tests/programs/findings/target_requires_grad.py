"""The bootstrapped target of a value is computed with gradient."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
value = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.SGD(value.parameters(), lr=0.01)
now, after, reward = torch.randn(32, 4), torch.randn(32, 4), torch.rand(32, 1)
for step in range(4):
    target = reward + 0.9 * value(after)
    loss = F.mse_loss(value(now), target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
