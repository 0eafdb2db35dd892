"""Attention whose scores are not divided by the root of the width."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)


class A(nn.Module):
    def __init__(self):
        super().__init__()
        self.q = nn.Linear(64, 64)
        self.k = nn.Linear(64, 64)
        self.v = nn.Linear(64, 2)

    def forward(self, x):
        a = torch.softmax(self.q(x) @ self.k(x).transpose(-1, -2), -1)
        return (a @ self.v(x)).mean(1)


model = A()
X = torch.randn(8, 10, 64) * 30
y = torch.randint(0, 2, (8,))
opt = torch.optim.Adam(model.parameters())
for i in range(6):
    opt.zero_grad()
    loss = F.cross_entropy(model(X), y)
    loss.backward()
    opt.step()
