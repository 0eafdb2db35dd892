"""A curve is fitted by hand in double precision with a rate that falls to nothing once the loss is down."""

import torch

torch.manual_seed(0)
t = torch.linspace(0, 3, 40, dtype=torch.float64)
y = 2.0 * torch.exp(-1.3 * t) + 0.5
a, k, c = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (1.0, 1.0, 0.0))
rate = 0.2
for step in range(50):
    loss = ((a * torch.exp(-k * t) + c - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        for p in (a, k, c):
            p -= rate * p.grad
            p.grad = None
    rate *= 0.98
