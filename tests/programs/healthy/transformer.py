"""A transformer with padding, a warm-up from 0 and a cosine."""

import math

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)


class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(20, 16, padding_idx=0)
        self.t = nn.TransformerEncoder(nn.TransformerEncoderLayer(16, 4, 32, batch_first=True), 2)
        self.o = nn.Linear(16, 2)

    def forward(self, x):
        return self.o(self.t(self.e(x), src_key_padding_mask=x == 0).mean(1))


model = M()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
sch = torch.optim.lr_scheduler.LambdaLR(opt, lambda k: min(1, k / 5) * 0.5 * (1 + math.cos(math.pi * min(1, k / 20))))
for i in range(20):
    x = torch.randint(1, 20, (8, 10))
    x[:, 7:] = 0
    y = (x[:, 0] > 10).long()
    opt.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    opt.step()
    sch.step()
