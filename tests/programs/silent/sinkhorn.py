"""Optimal transport between two clouds: softmin by logsumexp over each of two dimensions in turn."""

import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 24), nn.ReLU(), nn.Linear(24, 2))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
eps = 0.1
for step in range(50):
    x, y = net(torch.randn(20, 3)), torch.randn(20, 2) * 0.3 + 1
    cost = torch.cdist(x, y) ** 2
    f, g = torch.zeros(20), torch.zeros(20)
    for _ in range(10):
        f = -eps * torch.logsumexp((g[None] - cost.detach()) / eps, 1)
        g = -eps * torch.logsumexp((f[:, None] - cost.detach()) / eps, 0)
    plan = torch.exp((f[:, None] + g[None] - cost.detach()) / eps) / 20
    loss = (plan * cost).sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
