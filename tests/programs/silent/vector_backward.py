"""A root that is a vector, with the weights of its elements; and a scalar with a gradient of one."""

import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)
for step in range(50):
    x = torch.randn(16, 4)
    errors = (net(x).squeeze(1) - x[:, 0] * x[:, 1]) ** 2
    opt.zero_grad()
    if step % 2:
        errors.backward(torch.full((16,), 1 / 16))
    else:
        loss = errors.mean()
        loss.backward(torch.ones_like(loss))
    opt.step()
