"""`weights` is the result of a division, not a leaf: its .grad stays None."""

import math

import torch

torch.manual_seed(0)
x, y = torch.randn(50, 10), torch.randint(0, 3, (50,))
start = torch.randn(10, 3, requires_grad=True)
weights = start / math.sqrt(10)
bias = torch.zeros(3, requires_grad=True)
for _ in range(3):
    loss = torch.nn.functional.cross_entropy(x @ weights + bias, y)
    loss.backward(retain_graph=True)
    with torch.no_grad():
        if weights.grad is not None:
            weights -= 0.5 * weights.grad
        bias -= 0.5 * bias.grad
        bias.grad.zero_()
