"""REINFORCE by episodes of different lengths: losses rise and fall below zero."""

import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(0)
policy = nn.Sequential(nn.Linear(2, 32), nn.Dropout(0.2), nn.ReLU(), nn.Linear(32, 2), nn.Softmax(dim=1))
optimizer = torch.optim.Adam(policy.parameters(), lr=1e-2)
eps = 1e-8
for episode in range(50):
    place, log_probs, rewards = 0.0, [], []
    for t in range(int(torch.randint(3, 12, (1,)))):
        state = torch.tensor([[place, 1.0]])
        m = Categorical(policy(state))
        action = m.sample()
        log_probs.append(m.log_prob(action))
        place += 0.2 if action.item() else -0.2
        rewards.append(place)
    R, returns = 0.0, []
    for r in rewards[::-1]:
        R = r + 0.99 * R
        returns.insert(0, R)
    returns = torch.tensor(returns)
    returns = (returns - returns.mean()) / (returns.std() + eps)
    loss = torch.cat([-lp * ret for lp, ret in zip(log_probs, returns.unsqueeze(1))]).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
