"""A custom autograd.Function in the middle of the model: the Legendre polynomial of the PyTorch examples.

Phases: f b u f b u f b u f b u
"""

import math
import sys

import torch

torch.manual_seed(14)
log = {"losses": [], "grads": []}


class LegendrePolynomial3(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return 0.5 * (5 * input**3 - 3 * input)

    @staticmethod
    def backward(ctx, grad_output):
        (input,) = ctx.saved_tensors
        return grad_output * 1.5 * (5 * input**2 - 1)


x = torch.linspace(-math.pi, math.pi, 100)
y = torch.sin(x)
a = torch.full((), 0.0, requires_grad=True)
b = torch.full((), -1.0, requires_grad=True)
c = torch.full((), 0.0, requires_grad=True)
d = torch.full((), 0.3, requires_grad=True)

for t in range(4):
    P3 = LegendrePolynomial3.apply
    y_pred = a + b * P3(c + d * x)
    loss = (y_pred - y).pow(2).sum()
    loss.backward()
    print(t, loss.item())
    log["losses"].append(loss.item())
    log["grads"].append({"a": a.grad.item(), "b": b.grad.item(), "c": c.grad.item(), "d": d.grad.item()})
    with torch.no_grad():
        for p in (a, b, c, d):
            p -= 1e-4 * p.grad
            p.grad = None

if len(sys.argv) > 1:
    torch.save(log | {"weights": {"a": a.data, "b": b.data, "c": c.data, "d": d.data}}, sys.argv[1])
