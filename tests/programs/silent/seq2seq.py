"""A decoder that reads its own argmax now and then: choices without a gradient go in as numbers, the rest has one."""

import random

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
random.seed(0)
embed, enc, dec, out = nn.Embedding(12, 16), nn.GRU(16, 24, batch_first=True), nn.GRUCell(16, 24), nn.Linear(24, 12)
modules = nn.ModuleList([embed, enc, dec, out])
opt = torch.optim.Adam(modules.parameters(), lr=4e-3)
for step in range(50):
    src = torch.randint(2, 12, (12, 5))
    tgt = src.flip(1)
    _, h = enc(embed(src))
    h, token, loss = h[0], torch.ones(12, dtype=torch.long), 0.0
    for t in range(5):
        h = dec(embed(token), h)
        logits = out(h)
        loss += F.cross_entropy(logits, tgt[:, t])
        token = tgt[:, t] if random.random() < 0.5 else logits.argmax(1)
    opt.zero_grad()
    (loss / 5).backward()
    nn.utils.clip_grad_norm_(modules.parameters(), 1.0)
    opt.step()
