"""A random net that is never trained is the target, another one learns to foretell it; the error is a reward too."""

import torch
from torch import nn

torch.manual_seed(0)
target = nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Linear(24, 8))
for p in target.parameters():
    p.requires_grad_(False)
predictor = nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Linear(24, 8))
opt = torch.optim.Adam(predictor.parameters(), lr=2e-3)
for step in range(50):
    obs = torch.randn(32, 4)
    error = (predictor(obs) - target(obs)).pow(2).mean(1)
    bonus = error.detach() / (error.detach().std() + 1e-8)
    mask = (torch.rand(32) < 0.5).float()
    loss = (error * mask).sum() / mask.sum().clamp(min=1)
    opt.zero_grad()
    loss.backward()
    opt.step()
