"""ReLU layers, one sample at a time."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)
model = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 1))
X = torch.randn(40, 4)
y = X.sum(1, keepdim=True)
opt = torch.optim.SGD(model.parameters(), lr=0.01)
for i in range(60):
    k = i % 40
    loss = F.mse_loss(model(X[k : k + 1]), y[k : k + 1])
    opt.zero_grad()
    loss.backward()
    opt.step()
