"""A diffusion model: a U-Net with time embedding and attention learns to tell the noise in a picture."""

import math

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(1)
STEPS, WIDTH = 50, 16


def embed_time(t):
    frequencies = torch.exp(-math.log(10_000) * torch.arange(WIDTH // 2) / (WIDTH // 2))
    angles = t[:, None].float() * frequencies
    return torch.cat([angles.sin(), angles.cos()], dim=-1)


class Block(nn.Module):
    def __init__(self, before, after):
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(4, before), nn.GroupNorm(4, after)
        self.conv1, self.conv2 = nn.Conv2d(before, after, 3, padding=1), nn.Conv2d(after, after, 3, padding=1)
        self.time = nn.Linear(4 * WIDTH, 2 * after)
        self.skip = nn.Conv2d(before, after, 1) if before != after else nn.Identity()
        self.dropout = nn.Dropout(0.1)

    def forward(self, x, t):
        h = self.conv1(F.silu(self.norm1(x)))
        scale, shift = self.time(F.silu(t))[:, :, None, None].chunk(2, dim=1)
        h = self.norm2(h) * (1 + scale) + shift
        return self.conv2(self.dropout(F.silu(h))) + self.skip(x)


class Attention(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm, self.qkv = nn.GroupNorm(4, channels), nn.Conv1d(channels, 3 * channels, 1)
        self.out = nn.Conv1d(channels, channels, 1)

    def forward(self, x):
        b, c, h, w = x.shape
        q, k, v = self.qkv(self.norm(x).reshape(b, c, h * w)).chunk(3, dim=1)
        weights = torch.einsum("bct,bcs->bts", q * c**-0.5, k).softmax(dim=-1)
        return x + self.out(torch.einsum("bts,bcs->bct", weights, v)).reshape(b, c, h, w)


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.time = nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), nn.SiLU(), nn.Linear(4 * WIDTH, 4 * WIDTH))
        self.first = nn.Conv2d(1, WIDTH, 3, padding=1)
        self.down1, self.down2 = Block(WIDTH, WIDTH), Block(WIDTH, 2 * WIDTH)
        self.shrink = nn.Conv2d(2 * WIDTH, 2 * WIDTH, 3, stride=2, padding=1)
        self.middle, self.attend = Block(2 * WIDTH, 2 * WIDTH), Attention(2 * WIDTH)
        self.grow = nn.Conv2d(2 * WIDTH, 2 * WIDTH, 3, padding=1)
        self.up2, self.up1 = Block(4 * WIDTH, WIDTH), Block(2 * WIDTH, WIDTH)
        self.norm, self.last = nn.GroupNorm(4, WIDTH), nn.Conv2d(WIDTH, 1, 3, padding=1)

    def forward(self, x, t):
        t = self.time(embed_time(t))
        a = self.down1(self.first(x), t)
        b = self.down2(F.avg_pool2d(a, 2), t)
        h = self.attend(self.middle(self.shrink(b), t))
        h = self.grow(F.interpolate(h, scale_factor=2, mode="nearest"))
        h = self.up2(torch.cat([h, b], dim=1), t)
        h = self.up1(torch.cat([F.interpolate(h, scale_factor=2.0), a], dim=1), t)
        return self.last(F.silu(self.norm(h)))


kept = torch.cumprod(1 - torch.linspace(1e-4, 0.2, STEPS), 0)
model = UNet()
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
for step in range(3):
    images = torch.sin(torch.arange(16.0)).expand(4, 1, 16, 16) * torch.randn(4, 1, 1, 1)
    t, noise = torch.randint(STEPS, (4,)), torch.randn(4, 1, 16, 16)
    share = kept[t][:, None, None, None]
    loss = F.mse_loss(model(share.sqrt() * images + (1 - share).sqrt() * noise, t), noise)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
