"""A VQ-VAE: nearest codes by pairwise distances, a straight-through copy, commitment; unused codes stay."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
encoder = nn.Sequential(nn.Linear(10, 24), nn.ReLU(), nn.Linear(24, 4))
decoder = nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Linear(24, 10))
codebook = nn.Embedding(16, 4)
codebook.weight.data.uniform_(-1 / 16, 1 / 16)
opt = torch.optim.Adam([*encoder.parameters(), *decoder.parameters(), *codebook.parameters()], lr=2e-3)
data = torch.randn(6, 10)[torch.randint(0, 6, (300,))] + 0.1 * torch.randn(300, 10)
for step in range(50):
    x = data[torch.randint(0, 300, (32,))]
    z = encoder(x)
    distances = z.pow(2).sum(1, keepdim=True) - 2 * z @ codebook.weight.t() + codebook.weight.pow(2).sum(1)
    codes = distances.argmin(1)
    q = codebook(codes)
    vq = F.mse_loss(q, z.detach()) + 0.25 * F.mse_loss(z, q.detach())
    q = z + (q - z).detach()
    loss = F.mse_loss(decoder(q), x) + vq
    opt.zero_grad()
    loss.backward()
    opt.step()
