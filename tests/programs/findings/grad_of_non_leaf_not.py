"""The gradient of a result that was asked for, of leaves, and of constants."""

import torch
from torch import nn

torch.manual_seed(0)
net = nn.Linear(3, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
x, y = torch.randn(8, 3), torch.randn(8, 1)
for _ in range(5):
    out = net(x)
    out.retain_grad()
    loss = nn.functional.mse_loss(out, y)
    optimizer.zero_grad()
    loss.backward()
    print(out.grad.norm(), net.weight.grad.norm(), x.grad)
    optimizer.step()
