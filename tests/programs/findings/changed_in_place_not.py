"""Writes in place that nothing needs as it was: to a sum, to the weights after their backward pass, to data."""

import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(inplace=True), nn.Linear(4, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
target = torch.randn(8, 1)
for _ in range(6):
    x = torch.randn(8, 3).clamp_(-1, 1)
    out = net(x)
    out += 1
    loss = (out - target).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    x.zero_()
    optimizer.step()
