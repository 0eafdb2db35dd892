"""Blocks that are computed again in backward to save memory."""

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

torch.manual_seed(0)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(16)
        self.net = nn.Sequential(nn.Linear(16, 32), nn.GELU(), nn.Dropout(0.1), nn.Linear(32, 16))

    def forward(self, x):
        return x + self.net(self.norm(x))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.start = nn.Linear(4, 16)
        self.blocks = nn.ModuleList(Block() for _ in range(3))
        self.end = nn.Linear(16, 1)

    def forward(self, x):
        x = self.start(x)
        for block in self.blocks:
            x = checkpoint(block, x, use_reentrant=False) if self.training else block(x)
        return self.end(x)


model = Net()
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
x = torch.randn(200, 4)
y = (x[:, :1] * x[:, 1:2]).tanh()
for step in range(50):
    rows = torch.randint(0, 200, (20,))
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x[rows]), y[rows])
    loss.backward()
    optimizer.step()
