"""A fit that comes to rest at the noise."""

import torch

torch.manual_seed(1)
w = torch.randn(3, requires_grad=True)
X = torch.randn(50, 3)
y = X @ torch.tensor([1.0, 2.0, 3.0]) + torch.randn(50) * 5
for i in range(80):
    loss = ((X @ w - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.2 * w.grad
    w.grad = None
