"""A GAN of points on a ring: two nets, two optimizers, one after the other."""

import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)
torch.manual_seed(0)
generator = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
discriminator = nn.Sequential(
    nn.Linear(2, 32), nn.LeakyReLU(0.2), nn.Linear(32, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1)
)
optimizer_g = torch.optim.Adam(generator.parameters(), lr=1e-3, betas=(0.5, 0.999))
optimizer_d = torch.optim.Adam(discriminator.parameters(), lr=1e-3, betas=(0.5, 0.999))
ones, zeros = torch.ones(32, 1), torch.zeros(32, 1)


def ring(count):
    angle = torch.rand(count) * 2 * torch.pi
    return torch.stack([angle.cos(), angle.sin()], dim=1) + 0.05 * torch.randn(count, 2)


for step in range(24):
    real = ring(32)
    fake = generator(torch.randn(32, 4))

    optimizer_d.zero_grad()
    judged = discriminator(real)
    loss_d = F.binary_cross_entropy_with_logits(judged, ones)
    loss_d = loss_d + F.binary_cross_entropy_with_logits(discriminator(fake.detach()), zeros)
    loss_d.backward()
    optimizer_d.step()

    optimizer_g.zero_grad()
    fooled = discriminator(fake)
    loss_g = F.binary_cross_entropy_with_logits(fooled, ones)
    loss_g.backward()
    optimizer_g.step()

    if step % 6 == 5:
        print(step, loss_d.item(), loss_g.item())
