"""A program of the size that its arguments say: `nodes N`, `leaves N` or `iterations N`."""

import sys

import torch
from laps import laps

what, size = sys.argv[1], int(sys.argv[2])
torch.manual_seed(0)
leaves = [torch.ones(3, requires_grad=True) for _ in range(size if what == "leaves" else 1)]
optimizer = torch.optim.SGD(leaves, lr=0.01)
x = torch.tensor([0.5, 0.25, 0.125])
for _ in laps(size if what == "iterations" else 10):
    optimizer.zero_grad()
    y = sum((leaf * x for leaf in leaves[1:]), leaves[0] * x)
    for _ in range(size if what == "nodes" else 0):
        y = y + x
    loss = y.square().sum()
    loss.backward()
    optimizer.step()
