"""An energy-based model: samples by Langevin steps on the input, a loss that goes below zero."""

import torch
from torch import nn

torch.manual_seed(0)
energy = nn.Sequential(nn.Linear(2, 32), nn.SiLU(), nn.Linear(32, 1))
opt = torch.optim.Adam(energy.parameters(), lr=1e-3)
for it in range(50):
    real = torch.randn(32, 2) * 0.3 + 1
    x = torch.randn(32, 2, requires_grad=True)
    for _ in range(5):
        (g,) = torch.autograd.grad(energy(x).sum(), x)
        x = (x - 0.1 * g + 0.05 * torch.randn_like(x)).detach().requires_grad_(True)
    e_real, e_fake = energy(real), energy(x.detach())
    loss = e_real.mean() - e_fake.mean() + 0.1 * (e_real**2 + e_fake**2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
