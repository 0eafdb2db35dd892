"""PPO: old log-probabilities without a graph, a clipped ratio, several epochs over one rollout, an entropy bonus."""

import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(0)


class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 32), nn.Tanh())
        self.pi = nn.Linear(32, 3)
        self.v = nn.Linear(32, 1)

    def forward(self, obs):
        h = self.body(obs)
        return Categorical(logits=self.pi(h)), self.v(h).squeeze(-1)


net = ActorCritic()
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3, eps=1e-5)
for update in range(5):
    obs = torch.randn(64, 4)
    with torch.no_grad():
        dist, values = net(obs)
        actions = dist.sample()
        old_logp = dist.log_prob(actions)
        returns = (actions == (obs[:, 0] > 0).long()).float() + 0.1 * torch.randn(64)
        adv = returns - values
    for epoch in range(3):
        for idx in torch.randperm(64).split(16):
            dist, value = net(obs[idx])
            ratio = (dist.log_prob(actions[idx]) - old_logp[idx]).exp()
            a = (adv[idx] - adv[idx].mean()) / (adv[idx].std() + 1e-8)
            policy_loss = -torch.min(ratio * a, ratio.clamp(0.8, 1.2) * a).mean()
            value_loss = 0.5 * (value - returns[idx]).pow(2).mean()
            loss = policy_loss + 0.5 * value_loss - 0.01 * dist.entropy().mean()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 0.5)
            optimizer.step()
    print(update, loss.item(), returns.mean().item())
