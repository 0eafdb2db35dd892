"""Warnings that are the program's own, and one of torch's that the program collects."""

import warnings

import torch
from torch import nn

torch.manual_seed(0)
net = nn.Linear(3, 1)
x, y = torch.randn(8, 3), torch.randn(8, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
with warnings.catch_warnings(record=True):
    warnings.simplefilter("always")
    nn.functional.softmax(x)
for step in range(4):
    loss = nn.functional.mse_loss(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    warnings.warn(f"step {step} is done", stacklevel=1)
