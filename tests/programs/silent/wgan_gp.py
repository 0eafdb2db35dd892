"""WGAN-GP: several critic updates for one of the generator, a penalty by autograd.grad, losses below zero."""

import torch
from torch import nn

torch.manual_seed(0)
G = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 2))
D = nn.Sequential(nn.Linear(2, 32), nn.LeakyReLU(0.2), nn.Linear(32, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1))
opt_G = torch.optim.Adam(G.parameters(), lr=1e-3, betas=(0.0, 0.9))
opt_D = torch.optim.Adam(D.parameters(), lr=1e-3, betas=(0.0, 0.9))


def gradient_penalty(real, fake):
    alpha = torch.rand(real.size(0), 1)
    mixed = (alpha * real + (1 - alpha) * fake).requires_grad_(True)
    score = D(mixed)
    (grad,) = torch.autograd.grad(score, mixed, torch.ones_like(score), create_graph=True, retain_graph=True)
    return ((grad.norm(2, dim=1) - 1) ** 2).mean()


for it in range(50):
    real = torch.randn(16, 2) * 0.3 + torch.tensor([2.0, -1.0])
    fake = G(torch.randn(16, 8))
    opt_D.zero_grad()
    d_loss = -D(real).mean() + D(fake.detach()).mean() + 10 * gradient_penalty(real, fake.detach())
    d_loss.backward()
    opt_D.step()
    if it % 5 == 4:
        opt_G.zero_grad()
        g_loss = -D(fake).mean()
        g_loss.backward()
        opt_G.step()
        print(it, d_loss.item(), g_loss.item())
