"""detach whose result is used, detach_ in place, and a move to where the tensor is already."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

x = torch.randn(32, 3)
model = nn.Linear(3, 3)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(6):
    hidden = model(x)
    target = hidden.detach() * 0.9
    state = torch.tanh(hidden)
    state.detach_()
    x.to("cpu")
    x.float()
    loss = F.mse_loss(model(x), target + state)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
