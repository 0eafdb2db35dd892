"""Raises in the third iteration: a batch of the wrong width.

Phases: f b u f b u
Exit: 1
"""

import torch
from torch import nn

torch.manual_seed(41)

model = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
batches = [torch.randn(5, 4), torch.randn(5, 4), torch.randn(5, 3)]

for step, x in enumerate(batches):
    optimizer.zero_grad()
    prediction = model(x)
    loss = (prediction - 1).pow(2).mean()
    loss.backward()
    optimizer.step()
    print(step, loss.item())
