"""A learning rate below the last bit of the weights."""

import torch
from torch import nn

torch.manual_seed(1)
model = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 1))
X = torch.randn(60, 16)
y = X.sum(1, keepdim=True)
opt = torch.optim.SGD(model.parameters(), lr=1e-12)
for i in range(6):
    opt.zero_grad()
    loss = ((model(X) - y) ** 2).mean()
    loss.backward()
    opt.step()
