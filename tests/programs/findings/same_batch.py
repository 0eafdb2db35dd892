"""next(iter(loader)) in the loop gives the first batch each time."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

from torch.utils.data import DataLoader, TensorDataset

x = torch.randn(32, 3)
loader = DataLoader(TensorDataset(x, x.sum(1, keepdim=True)), batch_size=8)
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for step in range(12):
    data, target = next(iter(loader))
    loss = F.mse_loss(model(data), target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
