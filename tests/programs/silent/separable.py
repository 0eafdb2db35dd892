"""A hinge loss on points that can be told apart: it reaches zero exactly, and so do all gradients."""

import torch
from torch import nn

torch.manual_seed(0)
w = nn.Linear(2, 1)
opt = torch.optim.SGD(w.parameters(), lr=0.1)
X = torch.cat([torch.randn(20, 2) * 0.3 + 2, torch.randn(20, 2) * 0.3 - 2])
y = torch.cat([torch.ones(20), -torch.ones(20)])
for step in range(50):
    rows = torch.randperm(40)[:10]
    margin = y[rows] * w(X[rows]).squeeze(1)
    loss = torch.clamp(1 - margin, min=0).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
