"""An optimizer class of one's own, with momentum, whose step adds where it should subtract."""

import torch
from torch import nn


class Heavy(torch.optim.Optimizer):
    """Momentum, by hand."""

    def __init__(self, params, lr=0.01, momentum=0.9):
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                velocity = self.state[p].setdefault("velocity", torch.zeros_like(p))
                velocity.mul_(group["momentum"]).add_(p.grad)
                p.add_(velocity, alpha=group["lr"])


torch.manual_seed(1)
model = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = Heavy(model.parameters(), lr=0.005)
X = torch.randn(60, 5)
y = X.sum(1, keepdim=True)
for i in range(6):
    optimizer.zero_grad()
    loss = ((model(X) - y) ** 2).mean()
    loss.backward()
    optimizer.step()
