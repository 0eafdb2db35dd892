"""The bias goes up, the weights go down."""

import torch

torch.manual_seed(1)
w = torch.randn(4, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
X = torch.randn(30, 4)
y = X.sum(1) + 2
for i in range(6):
    loss = ((X @ w + b - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.05 * w.grad
        b += 0.05 * b.grad
    w.grad = None
    b.grad = None
