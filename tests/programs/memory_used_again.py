"""A model and its optimizer are gone, and where one of its weights was there is a new tensor, which goes by hand.

Phases: f b u f b u f b u f b u
"""

import gc

import torch
from torch import nn

layers = nn.ModuleList(nn.Linear(3, 1, bias=False) for _ in range(200))
optimizer = torch.optim.SGD(layers.parameters(), lr=0.1)
sum(layer(torch.ones(3)).sum() for layer in layers).backward()
optimizer.step()
addresses = {id(weight) for weight in layers.parameters()}
del layers, optimizer
gc.collect()
elsewhere = []
while id(w := torch.ones(3, requires_grad=True)) not in addresses:
    elsewhere.append(w)
    assert len(elsewhere) < 10_000
for _ in range(3):
    loss = (w * w).sum()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    w.grad = None
