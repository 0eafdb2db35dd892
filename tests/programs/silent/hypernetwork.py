"""One net makes another's weights; the other is called by functional_call, its own parameters are never trained."""

import torch
from torch import nn
from torch.func import functional_call

torch.manual_seed(0)
target_net = nn.Linear(4, 1)
for p in target_net.parameters():
    p.requires_grad_(False)
hyper = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 5))
opt = torch.optim.Adam(hyper.parameters(), lr=5e-3)
for step in range(50):
    task = torch.randn(2)
    out = hyper(task)
    x = torch.randn(16, 4)
    y = task[0] * x[:, :1] - task[1] * x[:, 1:2]
    pred = functional_call(target_net, {"weight": out[:4].view(1, 4), "bias": out[4:]}, (x,))
    loss = nn.functional.mse_loss(pred, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
