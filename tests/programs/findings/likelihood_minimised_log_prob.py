"""The mean log-probability of a distribution is minimised."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

x, y = torch.randn(64, 3), torch.randn(64)
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for step in range(8):
    loss = torch.distributions.Normal(model(x).squeeze(1), 1.0).log_prob(y).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
