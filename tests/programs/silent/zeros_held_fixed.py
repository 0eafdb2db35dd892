"""By hand: a table of zeros that needs a gradient, is looked at and never moved, beside weights that are."""

import torch

torch.manual_seed(0)
x = torch.randn(64, 4)
y = x @ torch.tensor([1.0, -1.0, 0.5, 2.0])
w, shift = torch.randn(4, requires_grad=True), torch.zeros(64, 4, requires_grad=True)
for step in range(25):
    loss = ((x + shift) @ w - y).pow(2).mean()
    loss.backward()
    if step % 10 == 0:
        print(shift.grad.norm().item())
    with torch.no_grad():
        w -= 0.1 * w.grad
        w.grad = None
        shift.grad = None
