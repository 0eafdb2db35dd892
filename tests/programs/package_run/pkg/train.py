"""Run from package_run as `python -m pkg.train`; it imports its sibling relatively.

Phases: f b u f b u f b u f b u
"""

import sys

import torch
from torch import nn

from .data import batch


def main():
    torch.manual_seed(37)
    log = {"losses": [], "grads": []}
    model = nn.Sequential(nn.Linear(2, 6), nn.SiLU(), nn.Linear(6, 1))
    optimizer = torch.optim.NAdam(model.parameters(), lr=0.02)
    x, y = batch(20)
    for step in range(4):
        optimizer.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(model(x), y)
        loss.backward()
        log["losses"].append(loss.item())
        log["grads"].append({name: p.grad.clone() for name, p in model.named_parameters()})
        optimizer.step()
        print(__package__, step, loss.item())
    if len(sys.argv) > 1:
        torch.save(log | {"weights": model.state_dict()}, sys.argv[1])


if __name__ == "__main__":
    main()
