"""A learning rate with a slip in the exponent."""

import torch

torch.manual_seed(0)
X = torch.randn(50, 3, dtype=torch.float64)
y = X @ torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64) + 0.3
w = torch.zeros(3, dtype=torch.float64, requires_grad=True)
b = torch.ones((), dtype=torch.float64, requires_grad=True)
optimizer = torch.optim.SGD([w, b], lr=1e-10)
for step in range(8):
    optimizer.zero_grad()
    loss = ((X @ w + b - y) ** 2).mean()
    loss.backward()
    optimizer.step()
