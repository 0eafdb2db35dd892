"""Layers in a plain list, which the model does not know of."""

import torch
from torch import nn

torch.manual_seed(1)


class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = [nn.Linear(5, 5) for _ in range(2)]
        self.b = nn.Linear(5, 1)

    def forward(self, x):
        for h in self.hidden:
            x = torch.relu(h(x))
        return self.b(x)


model = M()
opt = torch.optim.SGD(model.parameters(), lr=0.1)
X = torch.randn(60, 5)
y = X.sum(1, keepdim=True)
for i in range(6):
    opt.zero_grad()
    loss = ((model(X) - y) ** 2).mean()
    loss.backward()
    opt.step()
