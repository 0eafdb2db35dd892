"""An attention mask that leaves one row nothing."""

import torch
from torch import nn

torch.manual_seed(1)
q = nn.Linear(8, 8)
X = torch.randn(3, 5, 8)
mask = torch.tril(torch.ones(5, 5))
mask[2] = 0
opt = torch.optim.Adam(q.parameters())
for i in range(2):
    s = q(X) @ X.transpose(1, 2)
    s = s.masked_fill(mask == 0, float("-inf"))
    a = s.softmax(-1)
    loss = (a @ X).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
