"""Cross-entropy written out: log(0) = -Inf, times the zeros of the one-hot targets, is NaN."""

import torch
from torch import nn

torch.manual_seed(9)
model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3), nn.Softmax(1))
optimizer = torch.optim.Adam(model.parameters(), 5.0)
x, y = torch.randn(50, 4), torch.randint(0, 3, (50,))
targets = nn.functional.one_hot(y, 3)
for _ in range(3):
    p = model(x)
    loss = -(torch.log(p) * targets).sum(1).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
