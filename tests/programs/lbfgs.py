"""LBFGS with its closure: several forward and backward passes in one update. Three updates of four evaluations each.

Phases: f b f b f b f b u f b f b f b f b u f b f b f b f b u
"""

import sys

import torch
from torch import nn

torch.manual_seed(6)
log = {"losses": [], "grads": []}

x = torch.linspace(0, 6, 40, dtype=torch.double).unsqueeze(1)
y = torch.sin(x)

model = nn.Sequential(nn.Linear(1, 10), nn.Tanh(), nn.Linear(10, 1)).double()
criterion = nn.MSELoss()
optimizer = torch.optim.LBFGS(model.parameters(), lr=0.8, max_iter=4)

for i in range(3):

    def closure():
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        log["losses"].append(loss.item())
        log["grads"].append({name: p.grad.clone() for name, p in model.named_parameters()})
        return loss

    loss = optimizer.step(closure)
    print("step", i, "loss", loss.item(), "evaluations", len(log["losses"]))

if len(sys.argv) > 1:
    torch.save(log | {"weights": model.state_dict()}, sys.argv[1])
