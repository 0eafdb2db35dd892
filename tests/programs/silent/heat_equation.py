"""A net that obeys a differential equation: first and second derivatives by autograd.grad."""

import torch
from torch import nn

torch.manual_seed(0)
u = nn.Sequential(nn.Linear(2, 24), nn.Tanh(), nn.Linear(24, 24), nn.Tanh(), nn.Linear(24, 1))
opt = torch.optim.Adam(u.parameters(), lr=2e-3)


def d(y, x):
    return torch.autograd.grad(y, x, torch.ones_like(y), create_graph=True)[0]


for step in range(50):
    x = torch.rand(64, 1, requires_grad=True)
    t = torch.rand(64, 1, requires_grad=True)
    y = u(torch.cat([x, t], 1))
    residual = d(y, t) - 0.1 * d(d(y, x), x)
    x0 = torch.rand(32, 1)
    start = u(torch.cat([x0, torch.zeros_like(x0)], 1)) - torch.sin(torch.pi * x0)
    edge = u(torch.cat([torch.tensor([[0.0], [1.0]]).repeat(8, 1), torch.rand(16, 1)], 1))
    loss = residual.pow(2).mean() + start.pow(2).mean() + edge.pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
