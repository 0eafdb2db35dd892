"""Clipping to a small norm with Adam, which does not mind, for all parameters, some of which have no gradient."""

import torch
from torch import nn

torch.manual_seed(0)
actor, critic = nn.Linear(4, 2), nn.Linear(4, 1)
both = [*actor.parameters(), *critic.parameters()]
actor_opt, critic_opt = torch.optim.Adam(actor.parameters(), 3e-3), torch.optim.Adam(critic.parameters(), 3e-3)
for step in range(50):
    x = torch.randn(32, 4)
    critic_opt.zero_grad()
    value_loss = (critic(x).squeeze(1) - x.sum(1) * 10).pow(2).mean()
    value_loss.backward()
    nn.utils.clip_grad_norm_(both, 1e-2)
    critic_opt.step()
    actor_opt.zero_grad()
    loss = nn.functional.cross_entropy(actor(x), (x[:, 0] > 0).long())
    loss.backward()
    nn.utils.clip_grad_norm_(both, 1e-2)
    actor_opt.step()
