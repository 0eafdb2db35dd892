"""Every sample has its own weight (N,), and every output its own (M,), with M equal to N."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 8))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
per_output = torch.linspace(0.5, 1.5, 8)
for it in range(50):
    x = torch.randn(8, 6)
    y = torch.stack([x[:, i % 6] * (i + 1) / 8 for i in range(8)], dim=1)
    weight = torch.rand(8)
    squared = F.mse_loss(net(x), y, reduction="none") * per_output
    loss = (squared.mean(1) * weight).sum() / weight.sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
