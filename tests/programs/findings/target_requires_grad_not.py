"""The target is detached, or made by a model of its own."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

model, teacher, x = nn.Linear(3, 3), nn.Linear(3, 3), torch.randn(32, 3)
optimizer = torch.optim.SGD([*model.parameters(), *teacher.parameters()], lr=0.05)
for step in range(4):
    loss = F.mse_loss(model(x), model(x + 1).detach()) + F.mse_loss(model(x), teacher(x))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
