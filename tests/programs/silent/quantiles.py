"""Quantiles: predictions (N, Q) against targets (N, 1), with Q equal to N, and a Huber form of it."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
Q = N = 8
taus = (torch.arange(Q) + 0.5) / Q
net = nn.Sequential(nn.Linear(3, 24), nn.ReLU(), nn.Linear(24, Q))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for it in range(50):
    x = torch.randn(N, 3)
    target = x[:, 0].abs() * torch.randn(N) + x[:, 1]
    theta = net(x)
    u = target.unsqueeze(1) - theta
    pinball = torch.max(taus * u, (taus - 1) * u).mean()
    pairs = target[:, None, None] + 0.1 * torch.randn(N, 4, 1) - theta[:, None, :]
    huber = F.huber_loss(pairs, torch.zeros_like(pairs), reduction="none")
    loss = pinball + 0.1 * ((taus - (pairs.detach() < 0).float()).abs() * huber).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
