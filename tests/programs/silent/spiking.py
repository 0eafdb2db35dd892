"""Spikes: a step function forward, a surrogate's slope backward, a potential that is reset by detached spikes."""

import torch
from torch import nn


class Spike(torch.autograd.Function):
    @staticmethod
    def forward(ctx, v):
        ctx.save_for_backward(v)
        return (v > 0).float()

    @staticmethod
    def backward(ctx, grad):
        (v,) = ctx.saved_tensors
        return grad / (1 + 10 * v.abs()) ** 2


torch.manual_seed(0)
a, b = nn.Linear(8, 32), nn.Linear(32, 2)
opt = torch.optim.Adam([*a.parameters(), *b.parameters()], lr=4e-3)
for it in range(50):
    x = torch.rand(24, 10, 8)
    y = (x[:, :, :4].sum((1, 2)) > x[:, :, 4:].sum((1, 2))).long()
    v, out = torch.zeros(24, 32), torch.zeros(24, 2)
    for t in range(10):
        v = 0.9 * v + a(x[:, t])
        s = Spike.apply(v - 1.0)
        v = v - s.detach()
        out = out + b(s)
    loss = nn.functional.cross_entropy(out / 10, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
