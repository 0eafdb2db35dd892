"""A recurrence of 300 steps, written out: a graph of 1,500 nodes in every iteration.

Phases: f b u f b u f b u
"""

import sys

import torch

torch.manual_seed(54)
log = {"losses": [], "grads": []}

steps = 300
u = (torch.randn(1, 8) * 0.3).requires_grad_()
w = (torch.eye(8) * 0.99).requires_grad_()
b = torch.zeros(8, requires_grad=True)
v = torch.randn(8, 1, requires_grad=True)
signal = torch.sin(torch.arange(steps) / 9).reshape(steps, 1, 1)
optimizer = torch.optim.Adam([u, w, b, v], lr=1e-3)

for step in range(3):
    h = torch.zeros(1, 8)
    error = 0.0
    for t in range(steps - 1):
        h = torch.tanh(signal[t] @ u + h @ w + b)
        error = error + (h @ v - signal[t + 1]).square().sum()
    loss = error / steps
    optimizer.zero_grad()
    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append({"u": u.grad.clone(), "w": w.grad.clone(), "b": b.grad.clone(), "v": v.grad.clone()})
    optimizer.step()
    print(step, loss.item())

if len(sys.argv) > 1:
    weights = {"u": u.detach(), "w": w.detach(), "b": b.detach(), "v": v.detach()}
    torch.save(log | {"weights": weights}, sys.argv[1])
