"""Every family of torch.optim in one program, three iterations each (LBFGS has a program of its own).

Phases: f b u f b u f b u f b u f b u f b u f b u f b u f b u f b u f b u f b u
        f b u f b u f b u f b u f b u f b u f b u f b u f b u f b u f b u f b u
        f b u f b u f b u f b u f b u f b u f b u f b u f b u f b u f b u f b u
        f b u f b u f b u f b u f b u f b u
"""

import sys

import torch
from torch import nn, optim

torch.manual_seed(5)
log = {"losses": [], "grads": [], "weights": {}}

x = torch.randn(16, 4)
y = torch.cos(x).sum(dim=1, keepdim=True)
words = torch.tensor([1, 4, 4, 2])

recipes = {
    "SGD": lambda p: optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=1e-4),
    "Adam": lambda p: optim.Adam(p, lr=0.01),
    "AdamW": lambda p: optim.AdamW(p, lr=0.01),
    "Adagrad": lambda p: optim.Adagrad(p, lr=0.01),
    "Adadelta": lambda p: optim.Adadelta(p),
    "RMSprop": lambda p: optim.RMSprop(p, lr=0.01, centered=True),
    "Rprop": lambda p: optim.Rprop(p),
    "NAdam": lambda p: optim.NAdam(p, lr=0.01),
    "RAdam": lambda p: optim.RAdam(p, lr=0.01),
    "Adamax": lambda p: optim.Adamax(p, lr=0.01),
    "ASGD": lambda p: optim.ASGD(p, lr=0.01),
    "Adafactor": lambda p: optim.Adafactor(p),
    "Muon": lambda p: getattr(optim, "Muon", optim.SGD)([q for q in p if q.ndim == 2], lr=0.02),  # since torch 2.9
    "SparseAdam": lambda p: optim.SparseAdam(p, lr=0.01),
}

for name, recipe in recipes.items():
    if name == "SparseAdam":
        model, data, target = nn.Embedding(6, 4, sparse=True), words, torch.ones(4, 4)
    else:
        model, data, target = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 1)), x, y
    optimizer = recipe(list(model.parameters()))
    for _ in range(3):
        model.zero_grad()
        loss = nn.functional.mse_loss(model(data), target)
        loss.backward()
        optimizer.step()
        log["losses"].append(loss.item())
        log["grads"].append({key: p.grad.to_dense().clone() for key, p in model.named_parameters()})
    log["weights"].update({f"{name}.{key}": p.detach() for key, p in model.named_parameters()})
    print(f"{name:<10} {loss.item():.5f}")

if len(sys.argv) > 1:
    torch.save(log, sys.argv[1])
