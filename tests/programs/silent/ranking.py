"""Ranking by all pairs: scores (N, 1) against scores (1, N), and weights (N, 1) times columns of (N, N)."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
N = 16
scorer = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.Adam(scorer.parameters(), lr=5e-3)
for it in range(50):
    x = torch.randn(N, 5)
    relevance = x[:, 0] + 0.1 * torch.randn(N)
    score = scorer(x)
    difference = score - score.squeeze(1)
    better = (relevance.unsqueeze(1) > relevance.unsqueeze(0)).float()
    loss = (F.softplus(-difference) * better).sum() / better.sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
