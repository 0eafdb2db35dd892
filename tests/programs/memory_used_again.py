"""A layer and its optimizer are gone, and where its weight was there is a new tensor, which goes by hand.

Phases: f b u f b u f b u f b u
"""

import torch
from torch import nn

layer = nn.Linear(3, 1, bias=False)
optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
layer(torch.ones(2, 3)).sum().backward()
optimizer.step()
address = id(layer.weight)
del layer, optimizer
elsewhere = []
while id(w := torch.ones(3, requires_grad=True)) != address:
    elsewhere.append(w)
    assert len(elsewhere) < 10_000
for _ in range(3):
    loss = (w * w).sum()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    w.grad = None
