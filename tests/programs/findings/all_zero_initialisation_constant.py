"""Weights that all begin at 0.3."""

import torch

torch.manual_seed(1)
W1 = torch.full((5, 6), 0.3, requires_grad=True)
b1 = torch.zeros(6, requires_grad=True)
W2 = torch.full((6, 1), 0.3, requires_grad=True)
X = torch.randn(60, 5)
y = X[:, :1]
opt = torch.optim.Adam([W1, b1, W2], lr=0.01)
for i in range(6):
    opt.zero_grad()
    loss = ((torch.tanh(X @ W1 + b1) @ W2 - y) ** 2).mean()
    loss.backward()
    opt.step()
