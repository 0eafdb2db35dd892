"""Noise is drawn for each pass, and multiplied by a spread that is learned; the batch is always the first."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
loader = DataLoader(TensorDataset(torch.randn(64, 6)), batch_size=16)
encoder, decoder = nn.Linear(6, 4), nn.Linear(2, 6)
optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=0.01)
for step in range(12):
    (x,) = next(iter(loader))
    mean, spread = encoder(x).chunk(2, dim=1)
    z = mean + spread.exp() * torch.randn_like(spread)
    loss = nn.functional.mse_loss(decoder(z), x) + 0.01 * (mean.pow(2) + spread.exp() - spread).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
