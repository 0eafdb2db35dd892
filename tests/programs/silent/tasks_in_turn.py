"""Each batch belongs to one of four tasks: only its head gets a gradient; the body gets one each time."""

import torch
from torch import nn

torch.manual_seed(0)
body = nn.Sequential(nn.Linear(8, 24), nn.ReLU())
heads = nn.ModuleDict({name: nn.Linear(24, 2) for name in ("a", "b", "c", "d")})
opt = torch.optim.AdamW([*body.parameters(), *heads.parameters()], lr=3e-3)
for step in range(50):
    task = "abcd"[int(torch.randint(0, 4, (1,)))]
    x = torch.randn(16, 8)
    y = (x[:, "abcd".index(task)] > 0).long()
    loss = nn.functional.cross_entropy(heads[task](body(x)), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
