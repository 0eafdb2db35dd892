"""Adversarial training: an inner attack goes up the slope of its input, the network down that of its weights."""

import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 2))
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for _ in range(12):
    x = torch.randn(48, 10)
    y = (x.sum(1) > 0).long()
    delta = torch.zeros_like(x).uniform_(-0.1, 0.1).requires_grad_()
    for _ in range(2):
        nn.functional.cross_entropy(net(x + delta), y).backward()
        delta.data = (delta + 0.05 * delta.grad.sign()).clamp(-0.1, 0.1).detach()
        delta.grad.zero_()
    optimizer.zero_grad()
    nn.functional.cross_entropy(net(x + delta.detach()), y).backward()
    optimizer.step()
