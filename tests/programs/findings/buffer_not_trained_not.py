"""Positional encodings, a mask, running statistics and normalising constants are buffers for good reason."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        at = torch.arange(6.0)[:, None] / torch.tensor([1.0, 10.0, 100.0, 1000.0])
        self.register_buffer("position", torch.cat([at.sin(), at.cos()], 1))
        self.register_buffer("mask", torch.triu(torch.full((6, 6), float("-inf")), 1))
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406, 0.5, 0.5, 0.5, 0.5, 0.5]))
        self.layer, self.norm = nn.Linear(8, 8), nn.BatchNorm1d(6)

    def forward(self, x):
        x = self.norm(x - self.mean + self.position)
        weights = torch.softmax(x @ x.transpose(1, 2) + self.mask, -1)
        return self.layer(weights @ x)

model = Model()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
x = torch.randn(16, 6, 8)
for step in range(4):
    loss = model(x).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
