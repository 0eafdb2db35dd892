"""The gradient is turned round before the step."""

import torch
from torch import nn

torch.manual_seed(1)
model = nn.Linear(5, 1)
X = torch.randn(60, 5)
y = X.sum(1, keepdim=True)
opt = torch.optim.SGD(model.parameters(), lr=0.01)
for i in range(6):
    loss = ((model(X) - y) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    for p in model.parameters():
        p.grad.mul_(-1)
    opt.step()
