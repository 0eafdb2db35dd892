"""Blocks that are left out at random, with a zero-initialised last norm in each: some get no gradient at a step."""

import torch
from torch import nn

torch.manual_seed(0)


class Residual(nn.Module):
    def __init__(self, keep):
        super().__init__()
        self.keep = keep
        self.a, self.b, self.norm = nn.Linear(16, 16), nn.Linear(16, 16), nn.BatchNorm1d(16)
        nn.init.zeros_(self.norm.weight)

    def forward(self, x):
        if self.training and torch.rand(()) > self.keep:
            return x
        return x + self.norm(self.b(torch.relu(self.a(x))))


model = nn.Sequential(nn.Linear(6, 16), *(Residual(1 - 0.1 * i) for i in range(4)), nn.Linear(16, 2))
opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
X = torch.randn(300, 6)
Y = (X[:, 0] > X[:, 1]).long()
for step in range(50):
    rows = torch.randint(0, 300, (30,))
    loss = nn.functional.cross_entropy(model(X[rows]), Y[rows])
    opt.zero_grad()
    loss.backward()
    opt.step()
