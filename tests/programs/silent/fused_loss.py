"""Custom Functions with a label, with chance, and with two results; their backwards are right."""

import torch
from torch import nn


class FusedCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx, logits, target):
        probs = torch.softmax(logits, 1)
        ctx.save_for_backward(probs, target)
        return -probs.gather(1, target[:, None]).clamp_min(1e-12).log().mean()

    @staticmethod
    def backward(ctx, grad_output):
        probs, target = ctx.saved_tensors
        one_hot = torch.zeros_like(probs).scatter_(1, target[:, None], 1.0)
        return grad_output * (probs - one_hot) / len(probs), None


class RandomDrop(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, p):
        mask = (torch.rand_like(x) > p).float() / (1 - p)
        ctx.save_for_backward(mask)
        return x * mask

    @staticmethod
    def backward(ctx, g):
        (mask,) = ctx.saved_tensors
        return g * mask, None


class Polar(torch.autograd.Function):
    @staticmethod
    def forward(ctx, r, angle):
        ctx.save_for_backward(r, angle)
        return r * angle.cos(), r * angle.sin()

    @staticmethod
    def backward(ctx, gx, gy):
        r, angle = ctx.saved_tensors
        return gx * angle.cos() + gy * angle.sin(), r * (gy * angle.cos() - gx * angle.sin())


torch.manual_seed(0)
a, b = nn.Linear(5, 16), nn.Linear(16, 3)
opt = torch.optim.Adam([*a.parameters(), *b.parameters()], lr=5e-3)
X = torch.randn(200, 5)
Y = X[:, :3].argmax(1)
for it in range(50):
    rows = torch.randint(0, 200, (20,))
    r, angle = RandomDrop.apply(a(X[rows]), 0.1).chunk(2, 1)
    x, y = Polar.apply(r, angle)
    loss = FusedCrossEntropy.apply(b(torch.cat([x, y], 1)), Y[rows])
    opt.zero_grad()
    loss.backward()
    opt.step()
