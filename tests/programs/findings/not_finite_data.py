"""A NaN in the data."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)
X = torch.randn(50, 30)
X[3, 2] = float("nan")
model = nn.Linear(30, 3)
y = torch.randint(0, 3, (50,))
loss = F.cross_entropy(model(X), y)
loss.backward()
