"""Clipping between backward and step, after unscale_, and of a model that has no gradient yet beside one that has."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

model, other, x = nn.Linear(3, 1), nn.Linear(3, 1), torch.randn(32, 3)
y = x.sum(1, keepdim=True)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
for step in range(6):
    loss = F.mse_loss(model(x), y)
    optimizer.zero_grad()
    scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    nn.utils.clip_grad_norm_(other.parameters(), 1.0)
    nn.utils.clip_grad_norm_((item for item in model.parameters()), max_norm=1.0)
    nn.utils.clip_grad_value_(model.parameters(), 0.5)
    scaler.step(optimizer)
    scaler.update()
