"""The best weights so far are put back whenever the loss on other data has risen for a while."""

import copy

import torch
from torch import nn

torch.manual_seed(0)
x, y, other, wanted = torch.randn(20, 10), torch.randn(20, 1), torch.randn(40, 10), torch.randn(40, 1)
model = nn.Sequential(nn.Linear(10, 40), nn.ReLU(), nn.Linear(40, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
best, worse, kept = float("inf"), 0, copy.deepcopy(model.state_dict())
for _ in range(12):
    loss = nn.functional.mse_loss(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        checked = nn.functional.mse_loss(model(other), wanted).item()
    if checked < best:
        best, worse, kept = checked, 0, copy.deepcopy(model.state_dict())
    else:
        worse += 1
    if worse == 3:
        model.load_state_dict(kept)
        worse = 0
