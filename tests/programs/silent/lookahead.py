"""Lookahead: every fifth step the weights go half the way back to slow copies of them."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
slow = [p.detach().clone() for p in model.parameters()]
X = torch.randn(300, 6)
Y = X[:, :3].argmax(1)
for step in range(50):
    rows = torch.randint(0, 300, (30,))
    loss = nn.functional.cross_entropy(model(X[rows]), Y[rows])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 5 == 4:
        with torch.no_grad():
            for p, s in zip(model.parameters(), slow):
                s.add_(p - s, alpha=0.5)
                p.copy_(s)
