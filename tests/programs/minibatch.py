"""Minibatch SGD: every iteration has other data, so that a risen loss says little.

Phases: f b u f b u f b u f b u f b u
"""

import sys

import torch
from torch import nn

torch.manual_seed(50)
log = {"losses": [], "grads": []}

X = torch.randn(50, 6)
Y = (X.sum(dim=1) > 0).float().unsqueeze(1)
model = nn.Sequential(nn.Linear(6, 10), nn.ReLU(), nn.Linear(10, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
criterion = nn.BCEWithLogitsLoss()

order = torch.randperm(len(X))
for start in range(0, len(X), 10):
    index = order[start : start + 10]
    loss = criterion(model(X[index]), Y[index])
    optimizer.zero_grad()
    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append({name: p.grad.clone() for name, p in model.named_parameters()})
    optimizer.step()
    print(start, loss.item())

if len(sys.argv) > 1:
    torch.save(log | {"weights": model.state_dict()}, sys.argv[1])
