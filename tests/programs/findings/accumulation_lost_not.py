"""LBFGS calls its closure several times; sharpness-aware steps go away and back."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

model, other, x = nn.Linear(3, 1), nn.Linear(3, 1), torch.randn(32, 3)
y = x.sum(1, keepdim=True)
newton = torch.optim.LBFGS(model.parameters(), lr=0.5, max_iter=4)
optimizer = torch.optim.SGD(other.parameters(), lr=0.01)

def closure():
    newton.zero_grad()
    loss = F.mse_loss(model(x), y)
    loss.backward()
    return loss

def pass_back():
    optimizer.zero_grad()
    loss = F.mse_loss(other(x), y)
    loss.backward()

for step in range(5):
    newton.step(closure)
    pass_back()
    with torch.no_grad():
        away = [0.05 * item.grad / item.grad.norm() for item in other.parameters()]
        for item, part in zip(other.parameters(), away):
            item.add_(part)
    pass_back()
    with torch.no_grad():
        for item, part in zip(other.parameters(), away):
            item.sub_(part)
    optimizer.step()
