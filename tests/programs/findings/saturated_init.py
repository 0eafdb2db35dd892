"""Sigmoids behind weights that begin far too large."""

import torch
from torch import nn

torch.manual_seed(1)
model = nn.Sequential(nn.Linear(10, 20), nn.Sigmoid(), nn.Linear(20, 20), nn.Sigmoid(), nn.Linear(20, 1))
X = torch.randn(50, 10)
y = torch.randn(50, 1)
for p in model.parameters():
    nn.init.normal_(p, std=60)
opt = torch.optim.SGD(model.parameters(), lr=1e-6)
for i in range(6):
    opt.zero_grad()
    loss = ((model(X) - y) ** 2).mean()
    loss.backward()
    opt.step()
