"""A hinge loss that becomes zero."""

import torch

torch.manual_seed(1)
w = torch.zeros(2, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
X = torch.cat([torch.randn(40, 2) + 3, torch.randn(40, 2) - 3])
y = torch.cat([torch.ones(40, 1), -torch.ones(40, 1)])
opt = torch.optim.SGD([w, b], lr=0.1)
for i in range(40):
    loss = torch.clamp(1 - y * (X @ w + b), min=0).mean() + 0.01 * (w**2).sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
