"""Gradients for a look at them, cleared before training goes on: a probe each step, and an attack on the inputs."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(8, 24), nn.ReLU(), nn.Linear(24, 2))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
X = torch.randn(200, 8)
Y = (X[:, 0] > 0).long()
for step in range(50):
    rows = torch.randint(0, 200, (20,))
    probe = X[rows].clone().requires_grad_(True)
    nn.functional.cross_entropy(model(probe), Y[rows]).backward()
    attacked = (probe + 0.1 * probe.grad.sign()).detach()
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(attacked), Y[rows])
    loss.backward()
    optimizer.step()
