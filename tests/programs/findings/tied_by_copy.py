"""The output layer is given a copy of the embedding."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

table, out = nn.Embedding(20, 8), nn.Linear(8, 20)
out.weight.data.copy_(table.weight.data)
optimizer = torch.optim.SGD([*table.parameters(), *out.parameters()], lr=0.1)
words = torch.randint(0, 20, (64,))
for step in range(4):
    loss = F.cross_entropy(out(table(words)), (words + 1) % 20)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
