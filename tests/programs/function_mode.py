"""Has a TorchFunctionMode of its own that counts calls by name. Nobody who watches may change the counts.

Phases: f b u f b u f b u
"""

import collections
import sys

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

torch.manual_seed(35)
log = {"losses": [], "grads": []}


class Counter(TorchFunctionMode):
    def __init__(self):
        super().__init__()
        self.calls = collections.Counter()

    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.calls[getattr(func, "__name__", str(func))] += 1
        return func(*args, **(kwargs or {}))


model = nn.Sequential(nn.Linear(3, 9), nn.ReLU(), nn.Linear(9, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(14, 3)
y = x.prod(dim=1, keepdim=True)
counter = Counter()

for step in range(3):
    with counter:
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
    log["losses"].append(loss.item())
    log["grads"].append({name: p.grad.clone() for name, p in model.named_parameters()})
    print(step, loss.item(), sum(counter.calls.values()))

log["calls"] = dict(counter.calls)
print(log["calls"])
if len(sys.argv) > 1:
    torch.save(log | {"weights": model.state_dict()}, sys.argv[1])
