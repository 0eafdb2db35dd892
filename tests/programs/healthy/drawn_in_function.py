"""A custom Function that adds noise: on the same data the loss rises by what it draws."""

import torch


class Noisy(torch.autograd.Function):
    @staticmethod
    def forward(ctx, value):
        return value + 0.5 * torch.randn_like(value)

    @staticmethod
    def backward(ctx, grad):
        return grad


torch.manual_seed(3)
w = torch.tensor([1.0, -2.0, 0.5], requires_grad=True)
x = torch.tensor([[2.0, 3.0, 1.0], [1.0, 0.5, -1.0]])
y = torch.tensor([3.0, 1.0])
opt = torch.optim.SGD([w], lr=0.01)
for _ in range(12):
    loss = (x @ Noisy.apply(w) - y).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
