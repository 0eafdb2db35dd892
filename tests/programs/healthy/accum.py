"""Gradients of four micro-batches before each step."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)
model = nn.Sequential(nn.Linear(10, 20), nn.ReLU(), nn.Linear(20, 1))
X = torch.randn(128, 10)
y = X.sum(1, keepdim=True)
opt = torch.optim.AdamW(model.parameters(), lr=1e-2)
for it in range(12):
    opt.zero_grad()
    for k in range(4):
        loss = F.mse_loss(model(X[k::4]), y[k::4]) / 4
        loss.backward()
    opt.step()
