"""A kernel over all pairs of generated and real numbers, (N, 1) - (1, N), goes to the loss by a mean."""

import torch
from torch import nn

torch.manual_seed(0)
N = 24
generator = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.Adam(generator.parameters(), lr=3e-3)


def kernel(a, b):
    return torch.exp(-((a.unsqueeze(1) - b.unsqueeze(0)) ** 2))


for step in range(50):
    fake = generator(torch.randn(N, 2))
    real = torch.randn(N) * 0.5 + 1
    cross = torch.exp(-((fake - real[None, :]) ** 2)).mean()
    flat = fake.squeeze(1)
    loss = kernel(flat, flat).mean() + kernel(real, real).mean() - 2 * cross
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
