"""`weights` is the result of a division, not a leaf: its .grad stays None."""

import math

import torch

torch.manual_seed(0)
x, y = torch.randn(50, 10), torch.randint(0, 3, (50,))
start, bias = torch.randn(10, 3, requires_grad=True), torch.zeros(3, requires_grad=True)
optimizer = torch.optim.SGD([start, bias], lr=0.1)
for _ in range(3):
    weights = start / math.sqrt(10)
    loss = torch.nn.functional.cross_entropy(x @ weights + bias, y)
    optimizer.zero_grad()
    loss.backward()
    print(weights.grad)
    optimizer.step()
