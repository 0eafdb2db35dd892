"""An actor learns through a slow critic that is not frozen, and whose gradient norms are logged."""

import copy
import torch
from torch import nn

torch.manual_seed(1)
actor, critic = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 2)), nn.Linear(5, 1)
slow = copy.deepcopy(critic)
ao, co = torch.optim.Adam(actor.parameters(), lr=3e-3), torch.optim.SGD(critic.parameters(), lr=0.05)
for step in range(40):
    s, a = torch.randn(32, 3), torch.randn(32, 2)
    actor_loss = -slow(torch.cat([s, torch.tanh(actor(s))], 1)).mean()
    ao.zero_grad()
    actor_loss.backward()
    ao.step()
    print(sum(p.grad.norm() for p in slow.parameters() if p.grad is not None))
    critic_loss = nn.functional.mse_loss(critic(torch.cat([s, a], 1)), (s[:, :1] - a[:, 1:]).pow(2))
    co.zero_grad()
    critic_loss.backward()
    co.step()
    slow.load_state_dict(critic.state_dict())
