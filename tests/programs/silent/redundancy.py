"""Two views, no negatives: variance kept by a hinge, covariance and cross-correlation pulled to the unit matrix."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
N = D = 16
net = nn.Sequential(nn.Linear(10, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, D))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for step in range(50):
    x = torch.randn(N, 10)
    a, b = net(x + 0.1 * torch.randn(N, 10)), net(x + 0.1 * torch.randn(N, 10))
    spread = F.relu(1 - (a.var(0) + 1e-4).sqrt()).mean() + F.relu(1 - (b.var(0) + 1e-4).sqrt()).mean()
    za, zb = (a - a.mean(0)) / (a.std(0) + 1e-6), (b - b.mean(0)) / (b.std(0) + 1e-6)
    c = za.T @ zb / N
    on, off = (c.diagonal() - 1).pow(2).sum(), (c - torch.diag(c.diagonal())).pow(2).sum()
    loss = F.mse_loss(a, b) + spread + 0.05 * (on + 0.01 * off)
    opt.zero_grad()
    loss.backward()
    opt.step()
