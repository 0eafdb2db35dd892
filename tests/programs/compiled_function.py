"""A function under @torch.compile, loss included, and weights that are plain tensors. Its log has dynamo's counters.

Phases: f b u f b u f b u
"""

import sys

import torch

torch.manual_seed(27)
log = {"losses": [], "grads": []}


@torch.compile
def loss_of(w1, w2, x, y):
    hidden = torch.sin(x @ w1)
    return (hidden @ w2 - y).square().mean()


w1 = torch.randn(3, 8, requires_grad=True)
w2 = torch.randn(8, requires_grad=True)
x = torch.randn(20, 3)
y = x.norm(dim=1)

for step in range(3):
    loss = loss_of(w1, w2, x, y)
    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append({"w1": w1.grad.clone(), "w2": w2.grad.clone()})
    with torch.no_grad():
        w1 -= 0.05 * w1.grad
        w2 -= 0.05 * w2.grad
    w1.grad = w2.grad = None
    print(step, loss.item())

counters = torch._dynamo.utils.counters
log["stats"] = dict(counters["stats"])
log["graph_breaks"] = sum(counters["graph_break"].values())
print(log["stats"], "graph breaks:", log["graph_breaks"])
if len(sys.argv) > 1:
    torch.save(log | {"weights": {"w1": w1.detach(), "w2": w2.detach()}}, sys.argv[1])
