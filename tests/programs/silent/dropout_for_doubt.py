"""Dropout stays on when the model is asked for its doubt: many passes without a graph, in training mode."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
X = torch.randn(200, 3)
Y = X.prod(1, keepdim=True)
for it in range(50):
    rows = torch.randint(0, 200, (20,))
    model.train()
    loss = nn.functional.mse_loss(model(X[rows]), Y[rows])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 10 == 9:
        with torch.no_grad():
            draws = torch.stack([model(X[:20]) for _ in range(8)])
        print(it, draws.std(0).mean().item())
