"""A tensor subclass with a __torch_function__ of its own that counts the calls; data, results and loss are of it.

Phases: f b u f b u f b u
"""

import sys

import torch
from torch import nn

torch.manual_seed(51)
log = {"losses": [], "grads": []}


class Noted(torch.Tensor):
    calls = 0

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        Noted.calls += 1
        return super().__torch_function__(func, types, args, kwargs or {})


x = torch.randn(10, 4).as_subclass(Noted)
y = torch.randn(10, 2)
model = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

for step in range(3):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append({name: p.grad.clone() for name, p in model.named_parameters()})
    optimizer.step()
    print(step, type(loss).__name__, loss.item(), Noted.calls)

log["calls"] = Noted.calls
if len(sys.argv) > 1:
    torch.save(log | {"weights": model.state_dict()}, sys.argv[1])
