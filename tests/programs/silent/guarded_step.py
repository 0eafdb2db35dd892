"""A step is left out when a batch's gradient is an outlier; its gradients are cleared, which is no accident."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
skipped = 0
for it in range(50):
    x = torch.randn(16, 4)
    y = x.sum(1, keepdim=True)
    if it % 9 == 8:
        y = y * 1000
    loss = nn.functional.mse_loss(model(x), y)
    opt.zero_grad()
    loss.backward()
    norm = nn.utils.clip_grad_norm_(model.parameters(), 100.0)
    if not torch.isfinite(norm) or norm > 1000:
        skipped += 1
        opt.zero_grad()
        continue
    opt.step()
print(skipped)
