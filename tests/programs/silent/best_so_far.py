"""Losses of earlier iterations are compared, smoothed and averaged; nothing is propagated through them again."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 1))
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
best, smooth, bad = None, None, 0
for epoch in range(5):
    losses = []
    for _ in range(10):
        x = torch.randn(16, 3)
        loss = nn.functional.mse_loss(model(x), x.prod(1, keepdim=True))
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss)
        smooth = loss.detach() if smooth is None else 0.9 * smooth + 0.1 * loss.detach()
        if best is None or loss < best:
            best, bad = loss, 0
        else:
            bad += 1
    with torch.no_grad():
        print(epoch, torch.stack(losses).mean().item(), best.item(), smooth.item(), bad)
