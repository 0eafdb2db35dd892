"""Two stages: the second hands its input's gradient to the first by hand."""

import torch
from torch import nn

torch.manual_seed(0)
one, two = nn.Sequential(nn.Linear(6, 24), nn.ReLU()), nn.Linear(24, 1)
o1, o2 = torch.optim.SGD(one.parameters(), lr=0.05), torch.optim.SGD(two.parameters(), lr=0.05)
for step in range(30):
    o1.zero_grad()
    o2.zero_grad()
    kept = []
    for micro in range(4):
        h = one(torch.randn(8, 6))
        inp = h.detach().requires_grad_()
        loss = (two(inp) - 1).pow(2).mean() / 4
        loss.backward()
        kept.append((h, inp.grad))
    for h, g in kept:
        h.backward(g)
    o1.step()
    o2.step()
