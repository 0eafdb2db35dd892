"""The policy is in eval mode while it plays, in training mode while it learns; rewards are costs, minimised."""

import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(0)
policy = nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Dropout(0.1), nn.Linear(24, 3))
optimizer = torch.optim.Adam(policy.parameters(), lr=5e-3)
for step in range(50):
    policy.eval()
    states = torch.randn(32, 4)
    with torch.no_grad():
        actions = Categorical(logits=policy(states)).sample()
    cost = (actions != states[:, :3].argmax(1)).float()
    policy.train()
    log_prob = Categorical(logits=policy(states)).log_prob(actions)
    loss = (log_prob * (cost - cost.mean())).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
