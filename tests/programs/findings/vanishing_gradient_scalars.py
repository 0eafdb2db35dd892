"""Ten sigmoids in a row, each of one weight."""

import torch

torch.manual_seed(1)
ws = [torch.tensor(1.0, requires_grad=True) for _ in range(10)]
x = torch.tensor(0.5)
for i in range(4):
    h = x
    for v in ws:
        h = torch.sigmoid(v * h)
    loss = (h - 1) ** 2
    loss.backward()
    with torch.no_grad():
        for v in ws:
            v -= 0.1 * v.grad
            v.grad = None
