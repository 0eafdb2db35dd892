"""The body's rate is 0 for a while, the head learns first."""

import torch
from torch import nn

torch.manual_seed(0)
body, head = nn.Sequential(nn.Linear(8, 32), nn.ReLU()), nn.Linear(32, 3)
opt = torch.optim.Adam([{"params": body.parameters(), "lr": 0.0}, {"params": head.parameters(), "lr": 1e-2}])
x = torch.randn(256, 8)
y = x[:, :3].argmax(1)
for step in range(50):
    if step == 20:
        opt.param_groups[0]["lr"] = 1e-3
    rows = torch.randint(0, 256, (32,))
    loss = nn.functional.cross_entropy(head(body(x[rows])), y[rows])
    opt.zero_grad()
    loss.backward()
    opt.step()
