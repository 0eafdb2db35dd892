"""A VAE whose decoder is right about most pixels early."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Linear(64, 32)
        self.mu = nn.Linear(32, 4)
        self.lv = nn.Linear(32, 4)
        self.d1 = nn.Linear(4, 32)
        self.d2 = nn.Linear(32, 64)

    def forward(self, x):
        h = F.relu(self.e(x))
        mu, lv = self.mu(h), self.lv(h)
        z = mu + torch.randn_like(mu) * torch.exp(0.5 * lv)
        return torch.sigmoid(self.d2(F.relu(self.d1(z)))), mu, lv


model = VAE()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
X = (torch.rand(200, 64) > 0.9).float()
X[:, :50] = 0
for i in range(60):
    x = X[torch.randint(0, 200, (32,))]
    r, mu, lv = model(x)
    loss = F.binary_cross_entropy(r, x, reduction="sum") - 0.5 * (1 + lv - mu**2 - lv.exp()).sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
