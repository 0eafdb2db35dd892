"""An encoder and a decoder; the optimizer has been given the decoder alone."""

import torch
from torch import nn

torch.manual_seed(0)
encoder = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
decoder = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 8))
optimizer = torch.optim.Adam(decoder.parameters(), lr=1e-2)
data = torch.randn(32, 8)
for _ in range(5):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(decoder(encoder(data)), data)
    loss.backward()
    optimizer.step()
