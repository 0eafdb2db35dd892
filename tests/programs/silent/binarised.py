"""Signs forward, a straight-through custom Function backward that is cut outside [-1, 1]."""

import torch
from torch import nn


class BinarizeSTE(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.where(x >= 0, 1.0, -1.0)

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * (x.abs() <= 1).float()


torch.manual_seed(0)
a, bn, b = nn.Linear(10, 32), nn.BatchNorm1d(32), nn.Linear(32, 2)
opt = torch.optim.Adam([*a.parameters(), *bn.parameters(), *b.parameters()], lr=5e-3)
X = torch.randn(300, 10)
Y = (X[:, 0] + X[:, 1] > 0).long()
for it in range(50):
    rows = torch.randint(0, 300, (30,))
    h = BinarizeSTE.apply(bn(a(X[rows])))
    loss = nn.functional.cross_entropy(b(h), Y[rows])
    opt.zero_grad()
    loss.backward()
    opt.step()
