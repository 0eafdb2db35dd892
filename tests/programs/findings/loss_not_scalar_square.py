"""Squared errors without their mean."""

import torch
from torch import nn

torch.manual_seed(1)
model = nn.Linear(5, 1)
X = torch.randn(60, 5)
y = X.sum(1, keepdim=True)
loss = (model(X) - y) ** 2
loss.backward()
