"""A sparse autoencoder that keeps three of 48 units for each sample, with an L1 norm on top."""

import torch
from torch import nn

torch.manual_seed(0)
encoder, decoder = nn.Linear(12, 48), nn.Linear(48, 12, bias=False)
opt = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=3e-3)
mix = torch.randn(20, 12)
for it in range(50):
    code = (torch.rand(64, 20) < 0.1).float() * torch.rand(64, 20)
    x = code @ mix
    pre = torch.relu(encoder(x))
    top = pre.topk(3, dim=1)
    z = torch.zeros_like(pre).scatter(1, top.indices, top.values)
    loss = (decoder(z) - x).pow(2).mean() + 1e-4 * z.abs().sum(1).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    with torch.no_grad():
        decoder.weight.div_(decoder.weight.norm(dim=0, keepdim=True))
