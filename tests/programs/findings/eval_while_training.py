"""eval() for the evaluation after an epoch, and no train() after it."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

model = nn.Sequential(nn.Linear(3, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
x, y = torch.randn(64, 3), torch.randint(0, 2, (64,))
model.train()
for epoch in range(4):
    for at in range(0, 64, 16):
        loss = F.cross_entropy(model(x[at : at + 16]), y[at : at + 16])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        F.cross_entropy(model(x), y)
