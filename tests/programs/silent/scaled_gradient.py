"""Gradients that are made smaller or bounded on their way on purpose: by detach, by a hook, by a Function."""

import torch
from torch import nn


class BoundGradient(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, grad):
        return grad.clamp(-0.01, 0.01)


def scale(x, factor):
    return x * factor + x.detach() * (1 - factor)


torch.manual_seed(0)
dynamics, reward = nn.Linear(6, 6), nn.Linear(6, 1)
opt = torch.optim.Adam([*dynamics.parameters(), *reward.parameters()], lr=3e-3)
for step in range(50):
    state, loss = torch.randn(16, 6), 0.0
    for _ in range(3):
        state = scale(torch.tanh(dynamics(state)), 0.5)
        state.register_hook(lambda g: g * 0.9)
        loss = loss + (reward(BoundGradient.apply(state)) - 1).pow(2).mean() / 3
    opt.zero_grad()
    loss.backward()
    opt.step()
