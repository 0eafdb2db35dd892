"""A sigmoid with a squared error that is wrong and sure of it."""

import torch
from torch import nn

torch.manual_seed(1)
model = nn.Linear(5, 1)
X = torch.randn(60, 5)
y = (X[:, :1] > 0).float()
nn.init.constant_(model.bias, 40.0)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for i in range(6):
    opt.zero_grad()
    loss = ((torch.sigmoid(model(X)) - y) ** 2).mean()
    loss.backward()
    opt.step()
