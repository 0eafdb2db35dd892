"""The rate falls when the loss of the held out data stands still; the best weights are put back at the end."""

import copy

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(120, 4)
y = x[:, :1] * 2 - x[:, 1:2] + 0.3 * torch.randn(120, 1)
model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
best, best_state = float("inf"), None
for epoch in range(10):
    model.train()
    for i in range(0, 100, 20):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x[i : i + 20]), y[i : i + 20])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        val = nn.functional.mse_loss(model(x[100:]), y[100:]).item()
    scheduler.step(val)
    if val < best:
        best, best_state = val, copy.deepcopy(model.state_dict())
model.load_state_dict(best_state)
