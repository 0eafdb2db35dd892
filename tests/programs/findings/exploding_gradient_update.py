"""A learning rate with which the first update dwarfs the weights."""

import torch
from torch import nn

torch.manual_seed(1)
model = nn.Sequential(nn.Linear(10, 10), nn.ReLU(), nn.Linear(10, 1))
X = torch.randn(30, 10) * 20
y = X.sum(1, keepdim=True)
opt = torch.optim.SGD(model.parameters(), lr=1.0)
for i in range(6):
    opt.zero_grad()
    loss = ((model(X) - y) ** 2).mean()
    loss.backward()
    opt.step()
