"""p.add_(p.grad, alpha=0.01) for every parameter of a model."""

import torch
from torch import nn

torch.manual_seed(1)
model = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 1))
X = torch.randn(60, 5)
y = X.sum(1, keepdim=True)
for i in range(6):
    loss = ((model(X) - y) ** 2).mean()
    model.zero_grad()
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            p.add_(p.grad, alpha=0.01)
