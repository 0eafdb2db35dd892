"""REINFORCE on a bandit with a context: log-probabilities times advantages, an entropy bonus."""

import torch
from torch import nn
from torch.distributions import Categorical

torch.set_num_threads(1)
torch.manual_seed(0)
BATCH = 32


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 24), nn.Tanh())
        self.actor = nn.Linear(24, 3)
        self.critic = nn.Linear(24, 1)

    def forward(self, x):
        features = self.body(x)
        return Categorical(logits=self.actor(features)), self.critic(features).squeeze(1)


policy = Policy()
optimizer = torch.optim.RMSprop(policy.parameters(), lr=3e-3)

for step in range(24):
    context = torch.randn(BATCH, 4)
    choices, values = policy(context)
    actions = choices.sample()
    rewards = (actions == context[:, :3].argmax(1)).float()
    advantages = (rewards - values).detach()
    advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-6)
    gain = choices.log_prob(actions) * advantages
    critic_loss = (values - rewards).pow(2).mean()
    loss = -gain.mean() + 0.5 * critic_loss - 0.01 * choices.entropy().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 6 == 5:
        print(step, loss.item(), rewards.mean().item())
