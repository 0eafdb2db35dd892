"""A discriminator with spectral norm and a hinge loss; its gradient from the generator's pass is cleared later."""

import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

torch.manual_seed(0)
D = nn.Sequential(
    spectral_norm(nn.Linear(2, 32)), nn.LeakyReLU(0.2), spectral_norm(nn.Linear(32, 32)), nn.LeakyReLU(0.2),
    spectral_norm(nn.Linear(32, 1)),
)
G = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 2))
opt_d = torch.optim.Adam(D.parameters(), 2e-3, betas=(0.0, 0.9))
opt_g = torch.optim.Adam(G.parameters(), 5e-4, betas=(0.0, 0.9))
for step in range(50):
    real = torch.randn(24, 2).sign() + 0.1 * torch.randn(24, 2)
    opt_d.zero_grad()
    fake = G(torch.randn(24, 6)).detach()
    d_loss = torch.relu(1 - D(real)).mean() + torch.relu(1 + D(fake)).mean()
    d_loss.backward()
    opt_d.step()
    opt_g.zero_grad()
    g_loss = -D(G(torch.randn(24, 6))).mean()
    g_loss.backward()
    opt_g.step()
