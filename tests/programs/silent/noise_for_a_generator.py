"""Noise is the generator's data, and is drawn anew; ones and zeros are the same in each pass; a loader is there."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
loader = DataLoader(TensorDataset(torch.randn(128, 2) * 0.2 + 1), batch_size=16, shuffle=True)
generator = nn.Sequential(nn.Linear(4, 32), nn.LeakyReLU(0.2), nn.Linear(32, 2))
critic = nn.Sequential(nn.Linear(2, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1))
g_opt, d_opt = torch.optim.Adam(generator.parameters(), lr=1e-3), torch.optim.Adam(critic.parameters(), lr=1e-3)
ones, zeros = torch.ones(16, 1), torch.zeros(16, 1)
for epoch in range(3):
    for (real,) in loader:
        fake = generator(torch.randn(16, 4))
        loss_d = F.binary_cross_entropy_with_logits(critic(real), ones)
        loss_d = loss_d + F.binary_cross_entropy_with_logits(critic(fake.detach()), zeros)
        d_opt.zero_grad()
        loss_d.backward()
        d_opt.step()
        loss_g = F.binary_cross_entropy_with_logits(critic(fake), ones)
        g_opt.zero_grad()
        loss_g.backward()
        g_opt.step()
