"""A margin that all pairs keep from the beginning: the loss is 0 until the data change."""

import torch
from torch import nn

torch.manual_seed(0)
net = nn.Linear(4, 8)
opt = torch.optim.SGD(net.parameters(), lr=0.05)
for step in range(40):
    a = torch.randn(16, 4)
    far = 60.0 if step < 15 else 0.5
    p, n = a + 0.01 * torch.randn(16, 4), a + far * torch.randn(16, 4)
    valid = torch.ones(16, dtype=torch.bool)
    each = nn.functional.triplet_margin_loss(net(a), net(p), net(n), margin=0.01, reduction="none")
    loss = (each * valid).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
