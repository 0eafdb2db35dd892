"""A ReLU net that begins at zero."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)
model = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3))
[nn.init.zeros_(p) for p in model.parameters()]
X = torch.randn(60, 5)
y = torch.randint(0, 3, (60,))
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for i in range(6):
    opt.zero_grad()
    loss = F.cross_entropy(model(X), y)
    loss.backward()
    opt.step()
