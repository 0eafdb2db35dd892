"""Updates by hand from torch.autograd.grad."""

import torch

torch.manual_seed(1)
w1 = torch.randn(3, 8, requires_grad=True)
w2 = torch.randn(8, 1, requires_grad=True)
X = torch.randn(30, 3)
y = X.sum(1, keepdim=True)
for i in range(10):
    loss = ((torch.relu(X @ w1) @ w2 - y) ** 2).mean()
    g = torch.autograd.grad(loss, [w1, w2])
    with torch.no_grad():
        for p, q in zip([w1, w2], g):
            p -= 0.01 * q
