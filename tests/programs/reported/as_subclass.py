"""A result that is wrapped in a subclass of Tensor on its way: the rise is proven all the same."""

import torch
from torch import nn


class Image(torch.Tensor):
    pass


torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=2.0)
x, y = torch.randn(16, 4), torch.randn(16, 1)
for _ in range(4):
    loss = ((model(x).as_subclass(Image) - y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
