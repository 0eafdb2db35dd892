"""The validation loss is computed in training mode, with gradient."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
x, y, seen = torch.randn(64, 3), torch.randint(0, 2, (64,)), torch.randn(32, 3)
for epoch in range(4):
    model.train()
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    told = F.cross_entropy(model(seen), y[:32])
    print(epoch, told.item())
