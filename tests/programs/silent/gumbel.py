"""A discrete latent variable by Gumbel-softmax, hard with a straight-through gradient, a falling temperature."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
enc, dec = nn.Linear(8, 12), nn.Sequential(nn.Linear(12, 24), nn.ReLU(), nn.Linear(24, 8))
opt = torch.optim.Adam([*enc.parameters(), *dec.parameters()], lr=3e-3)
data = torch.rand(3, 8).round()[torch.randint(0, 3, (200,))]
tau = 1.0
for it in range(50):
    x = data[torch.randint(0, 200, (32,))]
    logits = enc(x).view(-1, 3, 4)
    z = F.gumbel_softmax(logits, tau=tau, hard=True, dim=-1)
    recon = torch.sigmoid(dec(z.flatten(1)))
    q = F.softmax(logits, -1)
    kl = (q * (torch.log(q + 1e-20) + torch.log(torch.tensor(4.0)))).sum((1, 2)).mean()
    loss = F.binary_cross_entropy(recon, x, reduction="sum") / 32 + kl
    opt.zero_grad()
    loss.backward()
    opt.step()
    tau = max(0.5, tau * 0.98)
