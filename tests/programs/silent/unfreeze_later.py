"""Gradual unfreezing: first the head alone, then the last layers too, each with its own learning rate."""

import torch
from torch import nn

torch.manual_seed(0)
body1, body2, head = nn.Linear(6, 24), nn.Linear(24, 24), nn.Linear(24, 4)
model = nn.Sequential(body1, nn.ReLU(), body2, nn.ReLU(), head)
for layer in (body1, body2):
    layer.requires_grad_(False)
optimizer = torch.optim.SGD(head.parameters(), lr=0.05, momentum=0.9)
x = torch.randn(200, 6)
y = (x[:, 0] > 0).long() + 2 * (x[:, 1] > 0).long()
for step in range(50):
    if step == 20:
        body2.requires_grad_(True)
        optimizer.add_param_group({"params": body2.parameters(), "lr": 0.01})
    if step == 35:
        body1.requires_grad_(True)
        optimizer.add_param_group({"params": body1.parameters(), "lr": 0.002})
    rows = torch.randint(0, 200, (20,))
    loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.item())
