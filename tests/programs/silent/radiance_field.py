"""Light along rays: encoded positions, densities through a ReLU, weights by a product of what is let through."""

import torch
from torch import nn

torch.manual_seed(0)
field = nn.Sequential(nn.Linear(27, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 4))
opt = torch.optim.Adam(field.parameters(), lr=3e-3)
frequencies = 2.0 ** torch.arange(4)


def encode(x):
    angles = (x[..., None] * frequencies).flatten(-2)
    return torch.cat([x, angles.sin(), angles.cos()], -1)


for step in range(50):
    origin, direction = torch.randn(16, 3) * 0.1, nn.functional.normalize(torch.randn(16, 3), dim=1)
    t = torch.linspace(0.5, 2, 12) + torch.rand(16, 12) * 0.1
    points = origin[:, None] + t[..., None] * direction[:, None]
    rgb, sigma = field(encode(points)).split([3, 1], -1)
    delta = torch.cat([t[:, 1:] - t[:, :-1], torch.full((16, 1), 1e10)], 1)
    alpha = 1 - torch.exp(-torch.relu(sigma.squeeze(-1)) * delta)
    through = torch.cumprod(torch.cat([torch.ones(16, 1), 1 - alpha + 1e-10], 1), 1)[:, :-1]
    colour = ((alpha * through)[..., None] * torch.sigmoid(rgb)).sum(1)
    loss = (colour - (direction + 1) / 2).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
