"""Micro-batches in mixed precision: a scaler, unscaled before clipping, one step for four of them."""

import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)
torch.manual_seed(0)
inputs = torch.randn(256, 5)
targets = (inputs @ torch.tensor([1.0, -2.0, 0.5, 0.0, 1.5])).tanh()
model = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.2)
scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
ACCUMULATED = 4

for epoch in range(2):
    total = 0.0
    optimizer.zero_grad()
    for number, start in enumerate(range(0, 256, 8)):
        x, y = inputs[start : start + 8], targets[start : start + 8]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            prediction = model(x).squeeze(1)
        loss = F.mse_loss(prediction.float(), y)
        loss = loss / ACCUMULATED
        scaler.scale(loss).backward()
        total += loss.item()
        if (number + 1) % ACCUMULATED == 0:
            scaler.unscale_(optimizer)
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            scaler.step(optimizer)
            scaler.update()
            optimizer.zero_grad()
    print(epoch, total / 8)
