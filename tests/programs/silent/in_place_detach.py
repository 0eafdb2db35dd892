"""detach_() and a module's to() do their work in place: their results may be dropped."""

import torch
from torch import nn

torch.manual_seed(0)
cell, read = nn.LSTMCell(2, 12), nn.Linear(12, 1)
cell.to("cpu")
read.float()
opt = torch.optim.Adam([*cell.parameters(), *read.parameters()], lr=3e-3)
h, c = torch.zeros(8, 12), torch.zeros(8, 12)
for step in range(50):
    h.detach_()
    c.detach_()
    total = torch.zeros(())
    for _ in range(4):
        x = torch.randn(8, 2)
        h, c = cell(x, (h, c))
        total = total + (read(h) - x.sum(1, keepdim=True)).pow(2).mean()
    opt.zero_grad()
    total.backward()
    opt.step()
