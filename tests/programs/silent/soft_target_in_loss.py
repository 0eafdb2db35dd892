"""The actor learns through a slow critic that needs no freezing, and that goes a part of the way at every step."""

import copy

import torch
from torch import nn

torch.manual_seed(1)
actor, critic = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 2)), nn.Linear(5, 1)
slow = copy.deepcopy(critic)
actor_opt, critic_opt = torch.optim.Adam(actor.parameters(), lr=3e-3), torch.optim.SGD(critic.parameters(), lr=0.05)
for step in range(50):
    s, a = torch.randn(32, 3), torch.randn(32, 2)
    actor_loss = -slow(torch.cat([s, torch.tanh(actor(s))], 1)).mean()
    actor_opt.zero_grad()
    actor_loss.backward()
    actor_opt.step()

    goal = (s[:, :1] - a[:, 1:]).pow(2)
    critic_loss = nn.functional.mse_loss(critic(torch.cat([s, a], 1)), goal)
    critic_opt.zero_grad()
    critic_loss.backward()
    nn.utils.clip_grad_norm_([*critic.parameters(), *slow.parameters()], 10.0)
    critic_opt.step()
    with torch.no_grad():
        for old, new in zip(slow.parameters(), critic.parameters()):
            old.lerp_(new, 0.1)
