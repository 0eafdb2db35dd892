"""Two heads that take turns under one optimizer."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)


class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.b = nn.Linear(5, 16)
        self.h = nn.ModuleList(nn.Linear(16, 1) for _ in range(2))

    def forward(self, x, k):
        return self.h[k](F.relu(self.b(x)))


model = M()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for i in range(12):
    X = torch.randn(20, 5)
    loss = F.mse_loss(model(X, i % 2), X[:, :1])
    opt.zero_grad()
    loss.backward()
    opt.step()
