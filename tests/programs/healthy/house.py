"""A target in the hundred thousands."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)
X = torch.rand(50, 2)
y = 300000 + 100000 * X[:, :1]
model = nn.Linear(2, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.5)
for i in range(30):
    loss = F.mse_loss(model(X), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
