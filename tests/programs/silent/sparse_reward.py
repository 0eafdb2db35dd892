"""A reward comes seldom: advantages are all 0 for many episodes, and with them the loss and every gradient."""

import torch
from torch import nn

torch.manual_seed(0)
policy = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 3))
opt = torch.optim.Adam(policy.parameters(), lr=1e-2)
for episode in range(50):
    states = torch.randn(12, 4)
    choice = torch.distributions.Categorical(logits=policy(states))
    actions = choice.sample()
    rewards = (actions == 0).float() * (episode % 12 == 11)
    loss = -(rewards * choice.log_prob(actions)).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
