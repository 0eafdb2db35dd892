"""A step up the slope and back before each update, a second backward at the moved weights."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
X = torch.randn(256, 6)
Y = X[:, :3].argmax(1)
for step in range(50):
    rows = torch.randint(0, 256, (32,))
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(X[rows]), Y[rows]).backward()
    norm = torch.stack([p.grad.norm() for p in model.parameters()]).norm()
    moved = [p.grad * 0.05 / (norm + 1e-12) for p in model.parameters()]
    with torch.no_grad():
        for p, e in zip(model.parameters(), moved):
            p.add_(e)
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(X[rows]), Y[rows])
    loss.backward()
    with torch.no_grad():
        for p, e in zip(model.parameters(), moved):
            p.sub_(e)
    optimizer.step()
