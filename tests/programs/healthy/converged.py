"""A fit that becomes exact: gradients go to zero."""

import torch

torch.manual_seed(1)
w = torch.randn(3, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
X = torch.randn(50, 3)
y = X @ torch.tensor([1.0, 2.0, 3.0]) + 4
opt = torch.optim.SGD([w, b], lr=0.3)
for i in range(80):
    opt.zero_grad()
    loss = ((X @ w + b - y) ** 2).mean()
    loss.backward()
    opt.step()
