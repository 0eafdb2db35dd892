"""A mixture of experts: two of six are chosen for each sample, some for none; a term that balances them."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)


class MoE(nn.Module):
    def __init__(self, d=8, experts=6, k=2):
        super().__init__()
        self.gate = nn.Linear(d, experts, bias=False)
        self.experts = nn.ModuleList(nn.Sequential(nn.Linear(d, 16), nn.GELU(), nn.Linear(16, d)) for _ in range(experts))
        self.k = k

    def forward(self, x):
        probs = F.softmax(self.gate(x), dim=-1)
        top, chosen = probs.topk(self.k, dim=-1)
        top = top / top.sum(-1, keepdim=True)
        out = torch.zeros_like(x)
        for i, expert in enumerate(self.experts):
            rows, slot = torch.where(chosen == i)
            if len(rows):
                out = out.index_add(0, rows, expert(x[rows]) * top[rows, slot].unsqueeze(-1))
        load = F.one_hot(chosen, len(self.experts)).float().mean((0, 1))
        return out, (load * probs.mean(0)).sum() * len(self.experts)


moe, head = MoE(), nn.Linear(8, 3)
opt = torch.optim.AdamW([*moe.parameters(), *head.parameters()], lr=3e-3)
X = torch.randn(256, 8)
Y = X[:, :3].argmax(1)
for step in range(50):
    rows = torch.randint(0, 256, (16,))
    out, balance = moe(X[rows])
    loss = F.cross_entropy(head(X[rows] + out), Y[rows]) + 0.01 * balance
    opt.zero_grad()
    loss.backward()
    opt.step()
