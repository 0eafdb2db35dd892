"""Adam with a learning rate of 1e-9."""

import torch
from torch import nn

torch.manual_seed(1)
model = nn.Linear(6, 2).double()
X = torch.randn(60, 6).double()
y = torch.randn(60, 2).double()
opt = torch.optim.Adam(model.parameters(), lr=1e-9)
for i in range(6):
    opt.zero_grad()
    loss = ((model(X) - y) ** 2).mean()
    loss.backward()
    opt.step()
