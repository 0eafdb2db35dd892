"""The forward algorithm in logs: transitions that are impossible are -inf, sums by logsumexp."""

import torch
from torch import nn

torch.manual_seed(0)
S, V = 4, 6
allowed = torch.triu(torch.ones(S, S, dtype=torch.bool)) & ~torch.triu(torch.ones(S, S, dtype=torch.bool), 2)
transition, emission = nn.Parameter(torch.randn(S, S)), nn.Parameter(torch.randn(S, V))
opt = torch.optim.Adam([transition, emission], lr=0.02)
start = torch.full((S,), float("-inf"))
start[0] = 0.0
for it in range(50):
    obs = (torch.arange(8) // 2 + torch.randint(0, 2, (16, 8))) % V
    log_t = transition.masked_fill(~allowed, float("-inf")).log_softmax(1)
    log_e = emission.log_softmax(1)
    alpha = start + log_e[:, obs[:, 0]].T
    for t in range(1, 8):
        alpha = torch.logsumexp(alpha.unsqueeze(2).clamp_min(-1e4) + log_t.clamp_min(-1e4), 1) + log_e[:, obs[:, t]].T
    loss = -torch.logsumexp(alpha, 1).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
