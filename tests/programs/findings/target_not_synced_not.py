"""A target network that is given the trained weights, and a model that is put back to a copy of its own."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

import copy

model = nn.Linear(3, 2)
target = copy.deepcopy(model)
best = copy.deepcopy(model.state_dict())
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, reward = torch.randn(32, 3), torch.rand(32)
for step in range(6):
    with torch.no_grad():
        aim = reward + 0.9 * target(x).max(1).values
    loss = F.mse_loss(model(x)[:, 0], aim)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    target.load_state_dict(model.state_dict())
target.load_state_dict(best)
