"""A third optimizer shares weights with the other two; no step uses gradient that was used before."""

import itertools

import torch
from torch import nn

torch.manual_seed(0)
G, D, Q = nn.Linear(4, 8), nn.Linear(8, 1), nn.Linear(8, 3)
opt_g = torch.optim.Adam(G.parameters(), lr=2e-4)
opt_d = torch.optim.Adam(itertools.chain(D.parameters(), Q.parameters()), lr=2e-4)
opt_info = torch.optim.Adam(itertools.chain(G.parameters(), D.parameters(), Q.parameters()), lr=2e-4)
for _ in range(4):
    real, z, code = torch.randn(16, 8), torch.randn(16, 4), torch.randint(0, 3, (16,))
    opt_g.zero_grad()
    g_loss = ((D(G(z)) - 1) ** 2).mean()
    g_loss.backward()
    opt_g.step()
    opt_d.zero_grad()
    d_loss = ((D(real) - 1) ** 2).mean() + (D(G(z).detach()) ** 2).mean()
    d_loss.backward()
    opt_d.step()
    opt_info.zero_grad()
    info_loss = nn.functional.cross_entropy(Q(G(z)), code) + 0.1 * D(G(z)).mean()
    info_loss.backward()
    opt_info.step()
