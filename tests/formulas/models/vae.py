"""A variational autoencoder of small pictures of boxes."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(1)
LATENT = 4


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode = nn.Sequential(
            nn.Conv2d(1, 8, 3, stride=2, padding=1),
            nn.LeakyReLU(0.1),
            nn.Conv2d(8, 16, 3, stride=2, padding=1),
            nn.ELU(),
        )
        self.mean, self.log_var = nn.Linear(16 * 4 * 4, LATENT), nn.Linear(16 * 4 * 4, LATENT)
        self.grow = nn.Linear(LATENT, 16 * 4 * 4)
        self.decode = nn.Sequential(
            nn.ConvTranspose2d(16, 8, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, 1, 4, stride=2, padding=1),
        )

    def forward(self, x):
        hidden = self.encode(x).flatten(1)
        mean, log_var = self.mean(hidden), self.log_var(hidden)
        std = torch.exp(0.5 * log_var)
        z = mean + std * torch.randn_like(std)
        return self.decode(F.relu(self.grow(z)).view(-1, 16, 4, 4)), mean, log_var


def boxes(count):
    images = torch.zeros(count, 1, 16, 16)
    for image in images:
        top, left = torch.randint(8, (2,)).tolist()
        image[:, top : top + 6, left : left + 6] = 1
    return images


model = VAE()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for step in range(3):
    images = boxes(16)
    logits, mean, log_var = model(images)
    likelihood = F.binary_cross_entropy_with_logits(logits, images, reduction="sum")
    divergence = -0.5 * torch.sum(1 + log_var - mean.pow(2) - log_var.exp())
    loss = (likelihood + divergence) / len(images)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
