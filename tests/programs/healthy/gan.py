"""A GAN whose networks train in turn."""

import torch
from torch import nn

torch.manual_seed(1)
G = nn.Sequential(nn.Linear(8, 32), nn.LeakyReLU(0.2), nn.Linear(32, 2))
D = nn.Sequential(nn.Linear(2, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1), nn.Sigmoid())
og = torch.optim.Adam(G.parameters(), lr=2e-4, betas=(0.5, 0.999))
od = torch.optim.Adam(D.parameters(), lr=2e-4, betas=(0.5, 0.999))
bce = nn.BCELoss()
for it in range(30):
    real = torch.randn(32, 2) * 0.5 + 2
    z = torch.randn(32, 8)
    od.zero_grad()
    ld = bce(D(real), torch.ones(32, 1)) + bce(D(G(z).detach()), torch.zeros(32, 1))
    ld.backward()
    od.step()
    og.zero_grad()
    lg = bce(D(G(z)), torch.ones(32, 1))
    lg.backward()
    og.step()
