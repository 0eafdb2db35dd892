"""Each width gets a new model; the optimizer is that of the first."""

import torch
from torch import nn

torch.manual_seed(0)
data = torch.randn(40, 4)
target = data.prod(1, keepdim=True)
optimizer = None
for width in (4, 8):
    model = nn.Sequential(nn.Linear(4, width), nn.Tanh(), nn.Linear(width, 1))
    if optimizer is None:
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(5):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(data), target)
        loss.backward()
        optimizer.step()
