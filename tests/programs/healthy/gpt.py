"""A small GPT with tied weights, a causal mask, AdamW and clipping."""

import math

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)
V, T, D, H = 17, 16, 32, 4


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.LayerNorm(D)
        self.l2 = nn.LayerNorm(D)
        self.qkv = nn.Linear(D, 3 * D)
        self.o = nn.Linear(D, D)
        self.m = nn.Sequential(nn.Linear(D, 4 * D), nn.GELU(), nn.Linear(4 * D, D))
        self.d = nn.Dropout(0.1)
        self.register_buffer("mask", torch.tril(torch.ones(T, T)).bool())

    def forward(self, x):
        B = x.shape[0]
        q, k, v = self.qkv(self.l1(x)).view(B, T, 3, H, D // H).permute(2, 0, 3, 1, 4)
        a = (q @ k.transpose(-1, -2) / math.sqrt(D // H)).masked_fill(~self.mask, float("-inf")).softmax(-1)
        x = x + self.d(self.o((a @ v).transpose(1, 2).reshape(B, T, D)))
        return x + self.m(self.l2(x))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(V, D)
        self.p = nn.Parameter(torch.zeros(T, D))
        self.b = nn.ModuleList(Block() for _ in range(3))
        self.n = nn.LayerNorm(D)
        self.h = nn.Linear(D, V, bias=False)
        self.h.weight = self.e.weight

    def forward(self, i):
        x = self.e(i) + self.p
        for b in self.b:
            x = b(x)
        return self.h(self.n(x))


model = GPT()
opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.1)
data = torch.randint(0, V, (400,)).sort().values
for it in range(50):
    ix = torch.randint(0, len(data) - T - 1, (8,))
    x = torch.stack([data[i : i + T] for i in ix])
    y = torch.stack([data[i + 1 : i + T + 1] for i in ix])
    opt.zero_grad()
    loss = F.cross_entropy(model(x).view(-1, V), y.view(-1))
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
