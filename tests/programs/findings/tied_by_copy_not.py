"""The weight itself is shared; another layer begins with numbers of its own."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

table, out, other = nn.Embedding(20, 8), nn.Linear(8, 20), nn.Linear(8, 20)
out.weight = table.weight
optimizer = torch.optim.SGD([*table.parameters(), out.bias, *other.parameters()], lr=0.1)
words = torch.randint(0, 20, (64,))
for step in range(4):
    loss = F.cross_entropy(out(table(words)) + other(table(words)), (words + 1) % 20)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
