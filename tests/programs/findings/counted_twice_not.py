"""Two losses of their own, and a loss of which only a penalty is made with autograd.grad."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

model, x = nn.Linear(3, 1), torch.randn(32, 3)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for step in range(6):
    optimizer.zero_grad()
    first = model(x).pow(2).mean()
    second = (model(x) - 1).abs().mean()
    first.backward(retain_graph=True)
    second.backward()
    probe = x.clone().requires_grad_()
    told = model(probe).pow(2).mean()
    (slope,) = torch.autograd.grad(told, probe, create_graph=True)
    (told + (slope.norm(dim=1) - 1).pow(2).mean()).backward()
    optimizer.step()
