"""The scaler's first factor is so large that gradients overflow: it skips, and halves it."""

import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(20, 4)
y = X.sum(1, keepdim=True) * 100
model = nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
scaler = torch.amp.GradScaler("cpu", init_scale=2.0**125, backoff_factor=2.0**-60)
for step in range(4):
    optimizer.zero_grad()
    loss = ((model(X) - y) ** 2).mean()
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()
