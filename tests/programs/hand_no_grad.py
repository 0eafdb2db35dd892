"""Updates by hand, spelled `with torch.no_grad(): w -= lr * w.grad`: the polynomial of "Learning PyTorch with examples".

Phases: f b u f b u f b u f b u f b u
"""

import math
import sys

import torch

torch.manual_seed(2)
log = {"losses": [], "grads": []}

x = torch.linspace(-math.pi, math.pi, 200)
y = torch.sin(x)

a = torch.randn((), requires_grad=True)
b = torch.randn((), requires_grad=True)
c = torch.randn((), requires_grad=True)
d = torch.randn((), requires_grad=True)

learning_rate = 1e-6
for t in range(5):
    y_pred = a + b * x + c * x**2 + d * x**3
    loss = (y_pred - y).pow(2).sum()
    print(t, loss.item())

    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append({"a": a.grad.item(), "b": b.grad.item(), "c": c.grad.item(), "d": d.grad.item()})

    with torch.no_grad():
        a -= learning_rate * a.grad
        b -= learning_rate * b.grad
        c -= learning_rate * c.grad
        d -= learning_rate * d.grad
        a.grad = None
        b.grad = None
        c.grad = None
        d.grad = None

print(f"Result: y = {a.item()} + {b.item()} x + {c.item()} x^2 + {d.item()} x^3")
if len(sys.argv) > 1:
    torch.save(log | {"weights": {"a": a.data, "b": b.data, "c": c.data, "d": d.data}}, sys.argv[1])
