"""Ranks: thresholds in order by a cumulated softplus, (N, 1) scores against (K,) thresholds, binary losses."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
K = 12
scorer = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
first, gaps = nn.Parameter(torch.tensor([-1.0])), nn.Parameter(torch.zeros(K - 1))
opt = torch.optim.Adam([*scorer.parameters(), first, gaps], lr=1e-2)
for it in range(50):
    x = torch.randn(K, 4)
    rank = ((x.sum(1) + 4) * K / 8).long().clamp(0, K)
    thresholds = torch.cat([first, first + F.softplus(gaps).cumsum(0)])
    logits = scorer(x) - thresholds
    above = (rank[:, None] > torch.arange(K)).float()
    loss = F.binary_cross_entropy_with_logits(logits, above)
    opt.zero_grad()
    loss.backward()
    opt.step()
