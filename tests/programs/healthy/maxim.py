"""An objective made large, with maximize=True."""

import torch
from torch import nn

torch.manual_seed(1)
theta = nn.Parameter(torch.zeros(3))
opt = torch.optim.SGD([theta], lr=0.1, maximize=True)
t = torch.tensor([1.0, 2.0, 3.0])
for i in range(15):
    opt.zero_grad()
    objective = -((theta - t) ** 2).sum()
    objective.backward()
    opt.step()
