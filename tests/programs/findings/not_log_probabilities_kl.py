"""kl_div is given probabilities far above 0 as its input."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

x, target = torch.randn(32, 6), torch.softmax(torch.randn(32, 4), 1)
model = nn.Linear(6, 4)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(6):
    loss = F.kl_div(torch.softmax(model(x), 1), target, reduction="batchmean")
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
