"""An evaluation with grad frees each batch at once: little of it is kept for running a pass again."""

import sys
import weakref

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(256, 10)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
batches = []
most = 0
for epoch in range(2):
    right = 0
    for _ in range(80):
        x = torch.randn(2048, 256)
        batches.append(weakref.ref(x))
        right += model(x).argmax(1).eq(3).sum().item()
        most = max(most, sum(ref() is not None for ref in batches))
    loss = model(torch.randn(2048, 256)).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
if len(sys.argv) > 1:
    with open(sys.argv[1], "w") as file:
        file.write(str(most))
