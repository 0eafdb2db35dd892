"""A rate that the weights are too large for: a bias that begins at zero moves, and nothing else does."""

import torch

torch.manual_seed(1)
x = torch.randn(32, 3)
y = x.sum(1, keepdim=True) + 2
w, b = torch.randn(3, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
for step in range(8):
    loss = (x @ w + b - y).pow(2).mean()
    loss.backward()
    with torch.no_grad():
        for weight in (w, b):
            weight -= 1e-9 * weight.grad
            weight.grad.zero_()
