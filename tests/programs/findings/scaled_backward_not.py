"""A gradient of 1, of a quarter for each of four micro-batches, of -1 to go up, and one for a result that is no scalar."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

model, x = nn.Linear(3, 1), torch.randn(32, 3)
up = nn.Parameter(torch.zeros(()))
optimizer = torch.optim.SGD([*model.parameters(), up], lr=0.01)
for step in range(4):
    optimizer.zero_grad()
    for part in x.chunk(4):
        model(part).pow(2).mean().backward(torch.tensor(0.25))
    loss = model(x).pow(2).mean()
    loss.backward(torch.ones_like(loss))
    model(x).backward(torch.full((32, 1), 0.001))
    (up - up.pow(2)).backward(torch.tensor(-1.0))
    optimizer.step()
