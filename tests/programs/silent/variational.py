"""Variational inference: log q of own samples minus log p, a mean of log-probabilities that falls."""

import torch
from torch.distributions import Normal

torch.manual_seed(0)
x = torch.randn(50) * 0.5 + 2
mean = torch.zeros(2, requires_grad=True)
log_std = torch.zeros(2, requires_grad=True)
opt = torch.optim.Adam([mean, log_std], lr=0.02)
for step in range(50):
    q = Normal(mean, log_std.exp())
    z = q.rsample((16,))
    log_q = q.log_prob(z).sum(1)
    log_prior = Normal(0.0, 3.0).log_prob(z).sum(1)
    log_like = Normal(z[:, :1], z[:, 1:].clamp(-4, 4).exp()).log_prob(x).sum(1)
    loss = (log_q - log_prior - log_like).mean() / 50
    opt.zero_grad()
    loss.backward()
    opt.step()
