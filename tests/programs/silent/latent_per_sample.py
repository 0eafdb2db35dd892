"""An auto-decoder: for each picture a new latent vector with a new optimizer; the decoder keeps its own."""

import torch
from torch import nn

torch.manual_seed(0)
decoder = nn.Sequential(nn.Linear(3, 24), nn.ReLU(), nn.Linear(24, 10))
decoder_opt = torch.optim.Adam(decoder.parameters(), lr=2e-3)
pictures = torch.randn(10, 10)
for picture in pictures:
    latent = torch.zeros(3, requires_grad=True)
    latent_opt = torch.optim.Adam([latent], lr=0.05)
    for _ in range(5):
        loss = nn.functional.mse_loss(decoder(latent), picture) + 1e-3 * latent.pow(2).sum()
        latent_opt.zero_grad()
        decoder_opt.zero_grad()
        loss.backward()
        latent_opt.step()
        decoder_opt.step()
