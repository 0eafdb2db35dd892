"""A scaler whose factor stays too large: no step is ever made."""

import torch
from torch import nn

torch.manual_seed(1)
model = nn.Linear(5, 1)
X = torch.randn(60, 5)
y = X.sum(1, keepdim=True)
opt = torch.optim.SGD(model.parameters(), lr=0.01)
s = torch.amp.GradScaler("cpu", init_scale=2.0**120, growth_interval=1, backoff_factor=0.999)
for i in range(3):
    opt.zero_grad()
    loss = ((model(X) - y) ** 2).mean() * 1e10
    s.scale(loss).backward()
    s.step(opt)
    s.update()
