"""SGD, which remembers nothing, is made anew; two optimizers take turns; Adam is made anew for a second phase."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

model, other, x = nn.Linear(3, 1), nn.Linear(3, 1), torch.randn(32, 3)
y = x.sum(1, keepdim=True)
adam = [torch.optim.Adam(other.parameters(), lr=0.01), torch.optim.AdamW(other.parameters(), lr=0.01)]
for step in range(8):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    if step == 4:
        adam[0] = torch.optim.Adam(other.parameters(), lr=0.001)
    for one in (optimizer, adam[step % 2]):
        loss = F.mse_loss(model(x), y) + F.mse_loss(other(x), y)
        one.zero_grad()
        loss.backward()
        one.step()
        model.zero_grad()
        other.zero_grad()
