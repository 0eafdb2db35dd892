"""The actor's loss goes through the slow critic, whose gradients nobody clears; it is copied from the other one."""

import copy

import torch
from torch import nn

torch.manual_seed(0)
actor, critic = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 2)), nn.Linear(5, 1)
slow = copy.deepcopy(critic)
actor_opt, critic_opt = torch.optim.Adam(actor.parameters(), lr=3e-3), torch.optim.Adam(critic.parameters(), lr=3e-3)
for step in range(50):
    s, a, s2 = torch.randn(32, 3), torch.randn(32, 2), torch.randn(32, 3)
    with torch.no_grad():
        goal = s.pow(2).sum(1, keepdim=True) + 0.9 * slow(torch.cat([s2, actor(s2)], 1))
    critic_loss = nn.functional.mse_loss(critic(torch.cat([s, a], 1)), goal)
    critic_opt.zero_grad()
    critic_loss.backward()
    critic_opt.step()
    actor_loss = -slow(torch.cat([s, torch.tanh(actor(s))], 1)).mean()
    actor_opt.zero_grad()
    actor_loss.backward()
    actor_opt.step()
    if step % 5 == 4:
        slow.load_state_dict(critic.state_dict())
