"""The gradient is added instead of subtracted."""

import torch

torch.manual_seed(0)
X = torch.randn(30, 4)
y = X @ torch.tensor([1.0, 2.0, -1.0, 0.5])
w = torch.randn(4, requires_grad=True)
lr = 0.05
for step in range(5):
    loss = ((X @ w - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w += lr * w.grad
        w.grad.zero_()
