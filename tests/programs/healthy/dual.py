"""A multiplier that goes uphill by hand."""

import torch

torch.manual_seed(1)
x = torch.tensor([2.0, 2.0], requires_grad=True)
lam = torch.tensor(0.0, requires_grad=True)
for i in range(20):
    L = (x**2).sum() + lam * (1 - x.sum())
    L.backward()
    with torch.no_grad():
        x -= 0.1 * x.grad
        lam += 0.1 * lam.grad
    x.grad = None
    lam.grad = None
