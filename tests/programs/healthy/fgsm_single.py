"""One image goes uphill on purpose, past a frozen model."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)
model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
x = torch.randn(1, 4, requires_grad=True)
y = torch.tensor([1])
for p in model.parameters():
    p.requires_grad_(False)
for i in range(5):
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    with torch.no_grad():
        x += 0.05 * x.grad
    x.grad = None
