"""The optimizer has the last layer only."""

import torch
from torch import nn

torch.manual_seed(1)


class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(5, 8)
        self.b = nn.Linear(8, 1)

    def forward(self, x):
        return self.b(torch.tanh(self.a(x)))


model = M()
opt = torch.optim.SGD(model.b.parameters(), lr=0.1)
X = torch.randn(60, 5)
y = X.sum(1, keepdim=True)
for i in range(6):
    opt.zero_grad()
    loss = ((model(X) - y) ** 2).mean()
    loss.backward()
    opt.step()
