"""Backpropagation through pieces of a long sequence; a sum of losses over time is propagated once a piece."""

import torch
from torch import nn

torch.manual_seed(0)
cell, read = nn.GRUCell(3, 16), nn.Linear(16, 2)
params = [*cell.parameters(), *read.parameters()]
opt = torch.optim.RMSprop(params, lr=2e-3)
x = torch.randn(400, 8, 3)
y = (x.cumsum(0)[:, :, 0] > 0).long()
h = torch.zeros(8, 16)
for chunk in range(50):
    h = h.detach()
    loss = 0
    for t in range(chunk * 8, chunk * 8 + 8):
        h = cell(x[t], h)
        loss += nn.functional.cross_entropy(read(h), y[t])
    loss = loss / 8
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(params, 1.0)
    opt.step()
