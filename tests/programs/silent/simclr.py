"""SimCLR: similarities of all pairs, the diagonal masked with -inf, cross entropy over them."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
encoder = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 16))
projector = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 8))
optimizer = torch.optim.Adam([*encoder.parameters(), *projector.parameters()], lr=1e-3)
data = torch.randn(128, 12)


def nt_xent(z1, z2, temperature=0.5):
    n = z1.shape[0]
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    sim = z @ z.t() / temperature
    sim = sim.masked_fill(torch.eye(2 * n, dtype=torch.bool), float("-inf"))
    labels = torch.cat([torch.arange(n, 2 * n), torch.arange(n)])
    return F.cross_entropy(sim, labels)


for step in range(50):
    x = data[torch.randint(0, 128, (16,))]
    one, two = x + 0.1 * torch.randn_like(x), x + 0.1 * torch.randn_like(x)
    loss = nt_xent(projector(encoder(one)), projector(encoder(two)))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
