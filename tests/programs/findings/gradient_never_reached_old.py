"""The optimizer has the parameters of a model that was replaced."""

import torch
from torch import nn

torch.manual_seed(1)
model = nn.Linear(5, 5)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
model = nn.Linear(5, 5)
X = torch.randn(60, 5)
y = X * 2
for i in range(6):
    opt.zero_grad()
    loss = ((model(X) - y) ** 2).mean()
    loss.backward()
    opt.step()
