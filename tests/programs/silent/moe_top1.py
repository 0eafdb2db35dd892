"""Sixteen experts, one for each token; most get none in a batch; a balance term."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)


class MoE(nn.Module):
    def __init__(self, d, n):
        super().__init__()
        self.gate = nn.Linear(d, n, bias=False)
        self.experts = nn.ModuleList([nn.Sequential(nn.Linear(d, 16), nn.GELU(), nn.Linear(16, d)) for _ in range(n)])

    def forward(self, x):
        p = self.gate(x).softmax(-1)
        w, i = p.max(-1)
        out = torch.zeros_like(x)
        for e, expert in enumerate(self.experts):
            rows = (i == e).nonzero().squeeze(1)
            if len(rows):
                out = out.index_add(0, rows, w[rows, None] * expert(x[rows]))
        share = F.one_hot(i, p.shape[1]).float().mean(0)
        return x + out, p.shape[1] * (share * p.mean(0)).sum()


net, head = MoE(8, 16), nn.Linear(8, 4)
opt = torch.optim.AdamW([*net.parameters(), *head.parameters()], lr=2e-3)
T = torch.randn(8, 4)
for step in range(60):
    x = torch.randn(12, 8)
    h, balance = net(x)
    loss = F.cross_entropy(head(h), (x @ T).argmax(1)) + 0.01 * balance
    opt.zero_grad()
    loss.backward()
    opt.step()
