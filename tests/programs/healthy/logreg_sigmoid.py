"""Logistic regression from zeros, sure and right."""

import torch
import torch.nn.functional as F

torch.manual_seed(1)
w = torch.zeros(2, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
X = torch.cat([torch.randn(50, 2) + 6, torch.randn(50, 2) - 6])
y = torch.cat([torch.zeros(50), torch.ones(50)])
opt = torch.optim.SGD([w, b], lr=5.0)
for i in range(40):
    p = torch.sigmoid(X @ w + b)
    loss = F.binary_cross_entropy(p, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
