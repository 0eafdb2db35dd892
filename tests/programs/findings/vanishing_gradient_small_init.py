"""Twenty tanh layers with weights that begin far too small."""

import torch
from torch import nn

torch.manual_seed(1)


class Deep(nn.Module):
    def __init__(self):
        super().__init__()
        self.ls = nn.ModuleList(nn.Linear(32, 32) for _ in range(20))
        self.out = nn.Linear(32, 1)
        for l in self.ls:
            nn.init.normal_(l.weight, std=0.02)

    def forward(self, x):
        for l in self.ls:
            x = torch.tanh(l(x))
        return self.out(x)


model = Deep()
X = torch.randn(64, 32)
y = X[:, :1]
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for i in range(6):
    opt.zero_grad()
    loss = ((model(X) - y) ** 2).mean()
    loss.backward()
    opt.step()
