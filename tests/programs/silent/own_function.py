"""Custom Functions whose backward is right: a softplus with a slope, an exponential that is cut off."""

import torch
from torch import nn


class Softplus(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, beta):
        ctx.save_for_backward(x)
        ctx.beta = beta
        return torch.log1p(torch.exp(beta * x)) / beta

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * torch.sigmoid(ctx.beta * x), None


class TruncatedExp(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.exp(x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * torch.exp(x.clamp(max=15))


torch.manual_seed(0)
X = torch.rand(128, 3)
Y = X.prod(1, keepdim=True) * 4
first, second = nn.Linear(3, 16), nn.Linear(16, 1)
opt = torch.optim.Adam([*first.parameters(), *second.parameters()], lr=5e-3)
for it in range(50):
    rows = torch.randint(0, 128, (32,))
    density = TruncatedExp.apply(second(Softplus.apply(first(X[rows]), 2.0)))
    loss = (density - Y[rows]).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
