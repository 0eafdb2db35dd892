"""Straight-through rounding, a gradient reversal, a correct function, and one whose backward clips on purpose."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

class Round(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.round()

    @staticmethod
    def backward(ctx, grad):
        return grad

class Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.view_as(x)

    @staticmethod
    def backward(ctx, grad):
        return -grad

class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, factor):
        ctx.save_for_backward(x)
        ctx.factor = factor
        return factor * x**3

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * 3 * ctx.factor * x**2, None

class Spike(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return (x > 0).float()

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad / (1 + x.abs()) ** 2

model, x = nn.Linear(3, 3), torch.randn(32, 3)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for step in range(4):
    hidden = model(x)
    loss = Cube.apply(hidden, 0.5).pow(2).mean() + Round.apply(hidden).mean() + Spike.apply(hidden).mean()
    loss = loss + 0.01 * Reverse.apply(hidden).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
