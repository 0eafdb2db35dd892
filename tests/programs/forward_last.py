"""A forward pass at the end that has no backward: the loss after the last update is a stop of its own.

Phases: f b u f b u f b u f
"""

import sys

import torch

torch.manual_seed(38)
log = {"losses": [], "grads": []}

x = torch.tensor([2.0, 3.0, 1.0])
y = torch.tensor(3.0)
w = torch.tensor([1.0, 1.0, 2.0], requires_grad=True)

for step in range(3):
    loss = (w @ x - y) ** 2
    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append({"w": w.grad.clone()})
    w.data = w.data - 0.01 * w.grad.data

y_hat = w @ x
loss = (y_hat - y) ** 2
log["losses"].append(loss.item())
print(log["losses"])

if len(sys.argv) > 1:
    torch.save(log | {"weights": {"w": w.detach()}}, sys.argv[1])
