"""A physics-informed net: autograd.grad within the loss."""

import torch
from torch import nn

torch.manual_seed(1)
model = nn.Sequential(nn.Linear(1, 20), nn.Tanh(), nn.Linear(20, 20), nn.Tanh(), nn.Linear(20, 1))
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for i in range(10):
    x = torch.rand(40, 1, requires_grad=True)
    u = model(x)
    (du,) = torch.autograd.grad(u.sum(), x, create_graph=True)
    loss = ((du + u) ** 2).mean() + ((model(torch.zeros(1, 1)) - 1) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
