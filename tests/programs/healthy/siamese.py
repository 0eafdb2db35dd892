"""A triplet loss that becomes zero."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)
enc = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 4))
opt = torch.optim.Adam(enc.parameters(), lr=1e-2)
c = torch.randn(5, 10) * 3
for i in range(30):
    k = torch.randint(0, 5, (16,))
    n = (k + 1) % 5
    a, p, ng = (enc(c[j] + 0.1 * torch.randn(16, 10)) for j in (k, k, n))
    loss = F.relu((a - p).pow(2).sum(1) - (a - ng).pow(2).sum(1) + 1).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
