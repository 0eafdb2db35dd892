"""An optimizer steps between two backward passes through one graph that was kept."""

import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
out = net(torch.randn(8, 3))
first, second = out.pow(2).mean(), out.abs().mean()
first.backward(retain_graph=True)
optimizer.step()
second.backward()
