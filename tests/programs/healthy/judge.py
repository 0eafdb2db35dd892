"""A network that is not trained judges what another one makes: it gets gradients, and has no optimizer."""

import torch
from torch import nn

torch.manual_seed(0)
judge = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
painter = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 8))
optimizer = torch.optim.Adam(painter.parameters(), lr=1e-2)
noise, wanted = torch.randn(32, 3), torch.randn(32, 8)
for _ in range(5):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(judge(painter(noise)), judge(wanted).detach())
    loss.backward()
    optimizer.step()
