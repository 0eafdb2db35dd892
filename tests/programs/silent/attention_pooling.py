"""Attention over time: softmax over the dimension of time, also for sequences of length one."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)


class Pooled(nn.Module):
    def __init__(self):
        super().__init__()
        self.project, self.score, self.out = nn.Linear(5, 16), nn.Linear(16, 1), nn.Linear(16, 2)

    def forward(self, x):
        h = torch.tanh(self.project(x))
        w = F.softmax(self.score(h), dim=1)
        return self.out((w * h).sum(1))


model = Pooled()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for it in range(50):
    length = int(torch.randint(1, 8, (1,)))
    x = torch.randn(16, length, 5)
    y = (x[:, :, 0].amax(1) > 0.8).long()
    loss = F.cross_entropy(model(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
