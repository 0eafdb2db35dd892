"""Updates by hand, spelled `w.data = w.data - lr * w.grad.data`, with three leaves.

Phases: f b u f b u f b u f b u
"""

import sys

import torch

torch.manual_seed(0)
log = {"losses": [], "grads": []}

x = torch.randn(8, 3)
y = x @ torch.tensor([1.0, -2.0, 0.5]) + 0.3

w1 = torch.randn(3, 4, requires_grad=True)
w2 = torch.randn(4, requires_grad=True)
b = torch.tensor(0.0, requires_grad=True)
lr = 0.02

for step in range(4):
    y_hat = (x @ w1).tanh() @ w2 + b
    loss = ((y_hat - y) ** 2).mean()
    print(step, loss.item())

    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append({"w1": w1.grad.clone(), "w2": w2.grad.clone(), "b": b.grad.clone()})

    w1.data = w1.data - lr * w1.grad.data
    w2.data = w2.data - lr * w2.grad.data
    b.data = b.data - lr * b.grad.data
    w1.grad = None
    w2.grad = None
    b.grad = None

if len(sys.argv) > 1:
    torch.save(log | {"weights": {"w1": w1.detach(), "w2": w2.detach(), "b": b.detach()}}, sys.argv[1])
