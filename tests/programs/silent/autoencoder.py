"""A denoising autoencoder whose sigmoid goes to binary_cross_entropy, the loss without logits."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(20, 12), nn.ReLU(), nn.Linear(12, 20), nn.Sigmoid())
criterion = nn.BCELoss()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
data = (torch.rand(4, 20) > 0.5).float()[torch.randint(0, 4, (200,))]
for step in range(50):
    x = data[torch.randint(0, 200, (20,))]
    noisy = x * (torch.rand_like(x) > 0.2).float()
    loss = criterion(model(noisy), x)
    opt.zero_grad()
    loss.backward()
    opt.step()
