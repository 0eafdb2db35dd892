"""clip_grad_norm_ before the scaler has taken its factor out."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

model, x = nn.Linear(3, 1), torch.randn(32, 3)
y = x.sum(1, keepdim=True)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
for step in range(4):
    loss = F.mse_loss(model(x), y)
    optimizer.zero_grad()
    scaler.scale(loss).backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    scaler.step(optimizer)
    scaler.update()
