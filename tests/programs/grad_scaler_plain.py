"""A torch.amp.GradScaler("cpu") without unscale_: .grad holds scaled gradients after backward.

Phases: f b u f b u f b u
"""

import sys

import torch
from torch import nn

torch.manual_seed(20)
log = {"losses": [], "grads": []}

x = torch.randn(9, 3)
y = x.prod(dim=1, keepdim=True)
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scaler = torch.amp.GradScaler("cpu", init_scale=256.0)

for step in range(3):
    optimizer.zero_grad()
    loss = (model(x) - y).square().mean()
    scaler.scale(loss).backward()
    log["losses"].append(loss.item())
    log["grads"].append({name: p.grad.clone() for name, p in model.named_parameters()})
    scaler.step(optimizer)
    scaler.update()
    print(step, loss.item())

if len(sys.argv) > 1:
    torch.save(log | {"weights": model.state_dict()}, sys.argv[1])
