"""Mixed precision, accumulation over four batches, unscaling before clipping, a schedule by steps."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(8, 32), nn.GELU(), nn.Linear(32, 4))
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: min(1.0, (s + 1) / 10))
scaler = torch.amp.GradScaler("cpu")
criterion = nn.CrossEntropyLoss()
x = torch.randn(512, 8)
y = x[:, :4].argmax(1)
accum_iter = 4
batches = list(torch.arange(512).split(10))
step = 0
for epoch in range(4):
    for batch_idx, rows in enumerate(batches):
        with torch.autocast(device_type="cpu", dtype=torch.bfloat16):
            loss = criterion(model(x[rows]), y[rows]) / accum_iter
        scaler.scale(loss).backward()
        if (batch_idx + 1) % accum_iter == 0 or batch_idx + 1 == len(batches):
            scaler.unscale_(optimizer)
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            scaler.step(optimizer)
            scaler.update()
            optimizer.zero_grad(set_to_none=True)
            scheduler.step()
            step += 1
print(step)
