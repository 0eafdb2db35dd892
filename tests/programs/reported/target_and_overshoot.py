"""A target network that is only read without grad does not hide an overshoot."""

import torch
from torch import nn

torch.manual_seed(0)
q, target = nn.Linear(4, 2), nn.Linear(4, 2)
target.load_state_dict(q.state_dict())
optimizer = torch.optim.SGD(q.parameters(), lr=3.0)
s, a, r = torch.randn(16, 4), torch.randint(0, 2, (16, 1)), torch.randn(16)
for step in range(6):
    with torch.no_grad():
        goal = r + 0.0 * target(s).max(1).values
    loss = nn.functional.mse_loss(q(s).gather(1, a).squeeze(1), goal)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    target.load_state_dict(q.state_dict())
