"""The first GAN: the generator minimises the mean of log(1 - D), a logsigmoid with a plus sign."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
G = nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Linear(24, 2))
D = nn.Sequential(nn.Linear(2, 24), nn.LeakyReLU(0.2), nn.Linear(24, 1))
g_optimizer, d_optimizer = torch.optim.Adam(G.parameters(), 5e-4), torch.optim.Adam(D.parameters(), 5e-4)
for step in range(50):
    real, z = torch.randn(32, 2) * 0.5 + 1, torch.randn(32, 4)
    d_loss = -(F.logsigmoid(D(real)) + F.logsigmoid(-D(G(z).detach()))).mean()
    d_optimizer.zero_grad()
    d_loss.backward()
    d_optimizer.step()
    g_loss = F.logsigmoid(-D(G(z))).mean()
    g_optimizer.zero_grad()
    g_loss.backward()
    g_optimizer.step()
