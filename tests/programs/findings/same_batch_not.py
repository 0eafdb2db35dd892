"""Full-batch training without a loader, and a loader that is read in turn."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

from torch.utils.data import DataLoader, TensorDataset

x = torch.randn(32, 3)
loader = DataLoader(TensorDataset(x, x.sum(1, keepdim=True)), batch_size=8)
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for epoch in range(3):
    for data, target in loader:
        loss = F.mse_loss(model(data), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
