"""Sharpness-aware minimisation by hand: up the slope a little, the gradient there, back, and down."""

import torch
from torch import nn

torch.manual_seed(4)
model = nn.Sequential(nn.Linear(6, 20), nn.ReLU(), nn.Linear(20, 3))
optimizer = torch.optim.SGD(model.parameters(), 0.05, momentum=0.9)
x = torch.randn(60, 6)
y = x[:, :3].argmax(1)
for _ in range(12):
    nn.functional.cross_entropy(model(x), y).backward()
    with torch.no_grad():
        length = torch.stack([p.grad.norm() for p in model.parameters()]).norm()
        steps = [0.05 * p.grad / length for p in model.parameters()]
        for p, step in zip(model.parameters(), steps):
            p.add_(step)
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(x), y).backward()
    with torch.no_grad():
        for p, step in zip(model.parameters(), steps):
            p.sub_(step)
    optimizer.step()
    optimizer.zero_grad()
