"""`.grad` set by hand: before backward (a push that backward adds to) and after it (the sign of the gradient).

Phases: f b u f b u f b u f b u
"""

import sys

import torch

torch.manual_seed(30)
log = {"losses": [], "grads": []}

x = torch.randn(10, 3)
y = x @ torch.tensor([[1.0], [2.0], [3.0]])
w = torch.zeros(3, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([w, b], lr=0.05)

for step in range(4):
    w.grad = 0.01 * w.detach()  # weight decay, put there before backward
    b.grad = None
    loss = ((x @ w + b - y) ** 2).mean()
    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append({"w": w.grad.clone(), "b": b.grad.clone()})
    b.grad = b.grad.sign()
    optimizer.step()
    print(step, loss.item())

if len(sys.argv) > 1:
    torch.save(log | {"weights": {"w": w.detach(), "b": b.detach()}}, sys.argv[1])
