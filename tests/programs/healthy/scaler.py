"""Autocast, a GradScaler and clipping."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)
model = nn.Sequential(nn.Linear(10, 20), nn.ReLU(), nn.Linear(20, 3))
X = torch.randn(60, 10)
y = torch.randint(0, 3, (60,))
opt = torch.optim.AdamW(model.parameters(), lr=1e-3)
sc = torch.amp.GradScaler("cpu")
for i in range(10):
    opt.zero_grad()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = F.cross_entropy(model(X), y)
    sc.scale(loss).backward()
    sc.unscale_(opt)
    nn.utils.clip_grad_norm_(model.parameters(), 0.5)
    sc.step(opt)
    sc.update()
