"""Accumulation where each part's summed loss is divided by the number of all samples."""

import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
X = torch.randn(96, 6)
Y = X[:, :1] - X[:, 1:2]
for it in range(50):
    order = torch.randperm(96)[:48]
    opt.zero_grad()
    total = 0.0
    for part in order.split(16):
        loss = nn.functional.mse_loss(net(X[part]), Y[part], reduction="sum") / 48
        loss.backward()
        total += loss.item()
    opt.step()
