"""The first WGAN: the critic's weights are clamped after each of its steps."""

import torch
from torch import nn

torch.manual_seed(0)
netG = nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Linear(24, 2))
netD = nn.Sequential(nn.Linear(2, 24), nn.LeakyReLU(0.2), nn.Linear(24, 1))
optG = torch.optim.RMSprop(netG.parameters(), lr=5e-4)
optD = torch.optim.RMSprop(netD.parameters(), lr=5e-4)
for i in range(50):
    for p in netD.parameters():
        p.requires_grad = True
    netD.zero_grad()
    real = torch.randn(32, 2) + 2
    with torch.no_grad():
        fake = netG(torch.randn(32, 4))
    errD = netD(fake).mean() - netD(real).mean()
    errD.backward()
    optD.step()
    for p in netD.parameters():
        p.data.clamp_(-0.1, 0.1)
    if i % 2:
        for p in netD.parameters():
            p.requires_grad = False
        netG.zero_grad()
        errG = -netD(netG(torch.randn(32, 4))).mean()
        errG.backward()
        optG.step()
