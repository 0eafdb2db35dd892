"""TD(0) with one net: its target is made from the same net, without a graph."""

import torch
from torch import nn

torch.manual_seed(0)
value = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.SGD(value.parameters(), lr=0.02)
state = torch.randn(1, 5)
for step in range(50):
    next_state = 0.9 * state + 0.3 * torch.randn(1, 5)
    reward = next_state[:, :1]
    td_target = (reward + 0.9 * value(next_state)).detach()
    loss = (td_target - value(state)).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    state = next_state
