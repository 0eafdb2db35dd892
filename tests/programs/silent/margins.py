"""Routing by agreement without gradients, squashing, a margin loss with class weights."""

import torch
from torch import nn

torch.manual_seed(0)
W = nn.Parameter(torch.randn(6, 3, 4, 8) * 0.1)
enc = nn.Linear(12, 24)
opt = torch.optim.Adam([W, *enc.parameters()], lr=3e-3)
squash = lambda s: s * s.norm(dim=-1, keepdim=True) / (1 + s.pow(2).sum(-1, keepdim=True))
for step in range(40):
    x = torch.randn(32, 12)
    y = x[:, :3].argmax(1)
    u = torch.einsum("bik,ijkd->bijd", squash(enc(x).view(32, 6, 4)), W)
    b = torch.zeros(32, 6, 3)
    for r in range(3):
        v = squash((b.softmax(2)[..., None] * (u if r == 2 else u.detach())).sum(1))
        if r < 2:
            b = b + (u.detach() * v[:, None]).sum(-1)
    n = v.norm(dim=-1)
    t = nn.functional.one_hot(y, 3)
    loss = (t * (0.9 - n).clamp(min=0) ** 2 + 0.5 * (1 - t) * (n - 0.1).clamp(min=0) ** 2).sum(1).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
