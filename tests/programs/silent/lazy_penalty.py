"""A gradient penalty at every fourth step only, weighted for it; the loss has another form at those steps."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
D = nn.Sequential(nn.Linear(2, 32), nn.Softplus(), nn.Linear(32, 1))
G = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2))
opt_D, opt_G = torch.optim.Adam(D.parameters(), 1e-3), torch.optim.Adam(G.parameters(), 1e-3)
for step in range(50):
    real = torch.randn(16, 2) + torch.tensor([1.0, 0.0])
    D.requires_grad_(True)
    with torch.no_grad():
        fake = G(torch.randn(16, 4))
    if step % 4 == 0:
        real.requires_grad_(True)
    out = D(real)
    loss_D = F.softplus(-out).mean() + F.softplus(D(fake)).mean()
    if step % 4 == 0:
        (g,) = torch.autograd.grad(out.sum(), real, create_graph=True)
        loss_D = loss_D + 4 * 0.5 * g.pow(2).sum(1).mean()
    opt_D.zero_grad(set_to_none=True)
    loss_D.backward()
    opt_D.step()

    D.requires_grad_(False)
    loss_G = F.softplus(-D(G(torch.randn(16, 4)))).mean()
    opt_G.zero_grad(set_to_none=True)
    loss_G.backward()
    opt_G.step()
