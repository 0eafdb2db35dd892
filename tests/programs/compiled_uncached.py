"""A model under torch.compile with a backend that keeps no cache: autograd's part is made in every process.

Phases: f b u f b u f b u
"""

import sys

import torch
from torch import nn

torch.manual_seed(26)
log = {"losses": [], "grads": []}

model = nn.Sequential(nn.Linear(6, 16), nn.GELU(), nn.Linear(16, 2))
compiled = torch.compile(model, backend="aot_eager")
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(12, 6)
y = torch.randint(0, 2, (12,))

for step in range(3):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(compiled(x), y)
    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append({name: p.grad.clone() for name, p in model.named_parameters()})
    optimizer.step()
    print(step, loss.item())

counters = torch._dynamo.utils.counters
log["stats"] = dict(counters["stats"])
log["graph_breaks"] = sum(counters["graph_break"].values())
print(log["stats"], "graph breaks:", log["graph_breaks"])
if len(sys.argv) > 1:
    torch.save(log | {"weights": model.state_dict()}, sys.argv[1])
