"""Computes the output under no_grad and asks for gradients all the same."""

import torch
from torch import nn

model = nn.Linear(3, 1)
x = torch.ones(4, 3)
with torch.no_grad():
    output = model(x)
loss = output.pow(2).mean()
loss.backward()
