"""A fixed trend (N,) is added to what is learned (N, 1) for many places: a table on purpose, against a table."""

import torch
from torch import nn

torch.manual_seed(0)
N = 12
season = torch.sin(torch.arange(N) / N * 6.28)
seen = torch.randn(N, 1) * 2 + (1 + 0.5 * torch.randn(N, 1)) * season
level, strength = nn.Parameter(torch.zeros(N, 1)), nn.Parameter(torch.ones(N, 1))
opt = torch.optim.SGD([level, strength], lr=0.5)
for it in range(50):
    noisy = seen + 0.1 * torch.randn(N, N)
    loss = ((level + strength * season - noisy) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
