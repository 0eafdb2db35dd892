"""Weights rounded to a grid whose width is learned; the gradient goes straight through."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)


def quantise(w, s, n=7):
    v = (w / s).clamp(-n, n)
    v = v + (v.round() - v).detach()
    return v * s


class QLinear(nn.Linear):
    def __init__(self, i, o):
        super().__init__(i, o)
        self.step = nn.Parameter(self.weight.detach().abs().mean() * 2 / 7**0.5)
        self.register_buffer("seen", torch.tensor(0.0))

    def forward(self, x):
        return F.linear(x, quantise(self.weight, self.step), self.bias)


net = nn.Sequential(QLinear(8, 32), nn.ReLU6(), QLinear(32, 4))
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
T = torch.randn(8, 4)
for step in range(50):
    x = torch.randn(64, 8)
    loss = F.cross_entropy(net(x), (x @ T).argmax(1))
    opt.zero_grad()
    loss.backward()
    opt.step()
