"""Twelve linear layers with weights that begin too large."""

import torch
from torch import nn

torch.manual_seed(1)
model = nn.Sequential(*[nn.Linear(50, 50, bias=False) for _ in range(12)], nn.Linear(50, 1))
for p in model.parameters():
    nn.init.normal_(p, std=0.5)
X = torch.randn(20, 50)
y = torch.randn(20, 1)
opt = torch.optim.SGD(model.parameters(), lr=1e-4)
for i in range(6):
    opt.zero_grad()
    loss = ((model(X) - y) ** 2).mean()
    loss.backward()
    opt.step()
