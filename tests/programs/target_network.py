"""A target network that follows the trained one by hand and takes no part in any graph: its change is no update of the loss's weights.

Phases: f b u f b u f b u
"""

import copy
import sys

import torch
from torch import nn

torch.manual_seed(34)
log = {"losses": [], "grads": []}

online = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
target = copy.deepcopy(online)
optimizer = torch.optim.SGD(online.parameters(), lr=0.1)
x = torch.randn(5, 3)

for step in range(3):
    with torch.no_grad():
        goal = target(x).roll(1, 1)
    loss = (online(x) - goal).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append({f"online.{name}": p.grad.clone() for name, p in online.named_parameters()})
    optimizer.step()
    with torch.no_grad():
        for slow, quick in zip(target.parameters(), online.parameters()):
            slow.lerp_(quick, 0.1)
    print(step, loss.item())

if len(sys.argv) > 1:
    torch.save(log | {"weights": [online.state_dict(), target.state_dict()]}, sys.argv[1])
