"""A diffusion model: noise at a random step is foretold; an average of the weights is kept for sampling."""

import copy

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
T = 50
betas = torch.linspace(1e-4, 0.02, T)
alpha_bar = torch.cumprod(1 - betas, dim=0)


class Denoiser(nn.Module):
    def __init__(self):
        super().__init__()
        self.time = nn.Embedding(T, 16)
        self.inp, self.mid, self.out = nn.Linear(2, 32), nn.Linear(16, 32), nn.Linear(32, 2)

    def forward(self, x, t):
        h = F.silu(self.inp(x) + self.mid(self.time(t)))
        return self.out(h)


model = Denoiser()
ema = copy.deepcopy(model)
opt = torch.optim.AdamW(model.parameters(), lr=2e-3)
for step in range(50):
    x0 = torch.randn(32, 2) * 0.2 + torch.randint(0, 2, (32, 1)) * 2 - 1
    t = torch.randint(0, T, (32,))
    noise = torch.randn_like(x0)
    ab = alpha_bar[t].unsqueeze(1)
    xt = ab.sqrt() * x0 + (1 - ab).sqrt() * noise
    loss = F.mse_loss(model(xt, t), noise)
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    with torch.no_grad():
        for e, p in zip(ema.parameters(), model.parameters()):
            e.lerp_(p, 0.05)
