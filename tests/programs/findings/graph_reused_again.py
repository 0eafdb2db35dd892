"""The forward pass stands before the loop: the second backward() finds its graph freed."""

import torch

torch.manual_seed(0)
w = torch.randn(3, 2, requires_grad=True)
loss = (torch.randn(5, 3) @ w).exp().mean()
for _ in range(3):
    w.grad = None
    loss.backward()
    w.data -= 0.1 * w.grad
