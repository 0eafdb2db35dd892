"""A normalising flow: coupling layers whose last layer begins at zero, minus the mean of log_prob."""

import torch
from torch import nn

torch.manual_seed(0)


class Coupling(nn.Module):
    def __init__(self, flip):
        super().__init__()
        self.flip = flip
        self.net = nn.Sequential(nn.Linear(1, 24), nn.ReLU(), nn.Linear(24, 2))
        nn.init.zeros_(self.net[2].weight)
        nn.init.zeros_(self.net[2].bias)

    def forward(self, x):
        a, b = x.chunk(2, 1)
        if self.flip:
            a, b = b, a
        s, t = self.net(a).chunk(2, 1)
        s = torch.tanh(s)
        b = b * s.exp() + t
        return torch.cat([b, a] if self.flip else [a, b], 1), s.sum(1)


flows = nn.ModuleList(Coupling(i % 2 == 1) for i in range(4))
base = torch.distributions.MultivariateNormal(torch.zeros(2), torch.eye(2))
opt = torch.optim.Adam(flows.parameters(), lr=3e-3)
for step in range(50):
    x1 = torch.randn(64, 1)
    z, log_det = torch.cat([x1, x1**2 + 0.3 * torch.randn(64, 1)], 1), 0.0
    for flow in flows:
        z, ld = flow(z)
        log_det = log_det + ld
    loss = -(base.log_prob(z) + log_det).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
