"""A Hessian-vector product by torch.autograd.grad with create_graph: a truncated Newton step along the gradient.

Phases: f b f b u f b f b u f b f b u
"""

import sys

import torch

torch.manual_seed(11)
log = {"losses": [], "grads": []}

x = torch.randn(25, 3, dtype=torch.float64)
y = torch.sigmoid(x @ torch.tensor([2.0, -1.0, 0.5], dtype=torch.float64)).round()

w = torch.zeros(3, dtype=torch.float64, requires_grad=True)

for step in range(3):
    loss = torch.nn.functional.binary_cross_entropy_with_logits(x @ w, y)
    (gradient,) = torch.autograd.grad(loss, w, create_graph=True)
    direction = gradient.detach()
    slope = gradient @ direction
    (hessian_direction,) = torch.autograd.grad(slope, w)
    log["losses"] += [loss.item(), slope.item()]
    log["grads"] += [{"w": direction.clone()}, {"w": hessian_direction.clone()}]

    length = (direction @ direction) / (direction @ hessian_direction)
    with torch.no_grad():
        w -= length * direction
    print(step, loss.item(), length.item())

if len(sys.argv) > 1:
    torch.save(log | {"weights": {"w": w.detach()}}, sys.argv[1])
