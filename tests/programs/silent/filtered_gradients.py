"""Gradients are averaged over steps by hand (a slow moving filter) before the optimizer uses them."""

import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
slow = {}
for step in range(50):
    x = torch.randn(32, 6)
    loss = nn.functional.mse_loss(net(x), x.sum(1, keepdim=True))
    opt.zero_grad()
    loss.backward()
    for n, p in net.named_parameters():
        slow[n] = 0.98 * slow.get(n, torch.zeros_like(p)) + 0.02 * p.grad
        p.grad = p.grad + 2.0 * slow[n]
    opt.step()
