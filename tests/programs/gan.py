"""Two optimizers and three losses in turn: a GAN, in the steps of the DCGAN tutorial.

Phases: f b f b u f b u f b f b u f b u f b f b u f b u
"""

import sys

import torch
from torch import nn, optim

torch.manual_seed(999)
log = {"losses": [], "grads": []}

nz = 4
netG = nn.Sequential(nn.Linear(nz, 16), nn.ReLU(True), nn.Linear(16, 2), nn.Tanh())
netD = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2, inplace=True), nn.Linear(16, 1), nn.Sigmoid())
criterion = nn.BCELoss()
optimizerD = optim.Adam(netD.parameters(), lr=0.0002, betas=(0.5, 0.999))
optimizerG = optim.Adam(netG.parameters(), lr=0.0002, betas=(0.5, 0.999))


def note(loss, net):
    log["losses"].append(loss.item())
    log["grads"].append({name: p.grad.clone() for name, p in net.named_parameters()})


for i in range(3):
    # (1) Update D: maximize log(D(x)) + log(1 - D(G(z)))
    netD.zero_grad()
    real = torch.randn(8, 2) * 0.1 + 0.5
    label = torch.full((8,), 1.0)
    output = netD(real).view(-1)
    errD_real = criterion(output, label)
    errD_real.backward()
    note(errD_real, netD)
    D_x = output.mean().item()

    fake = netG(torch.randn(8, nz))
    label.fill_(0.0)
    output = netD(fake.detach()).view(-1)
    errD_fake = criterion(output, label)
    errD_fake.backward()
    note(errD_fake, netD)
    errD = errD_real + errD_fake
    optimizerD.step()

    # (2) Update G: maximize log(D(G(z)))
    netG.zero_grad()
    label.fill_(1.0)
    output = netD(fake).view(-1)
    errG = criterion(output, label)
    errG.backward()
    note(errG, netG)
    optimizerG.step()
    print(f"[{i}] Loss_D: {errD.item():.4f} Loss_G: {errG.item():.4f} D(x): {D_x:.4f}")

if len(sys.argv) > 1:
    torch.save(log | {"weights": {**netG.state_dict(prefix="G."), **netD.state_dict(prefix="D.")}}, sys.argv[1])
