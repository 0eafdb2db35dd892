"""Biases so far below zero that no ReLU is ever above it."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
X = torch.randn(64, 8)
y = X[:, :1] * X[:, 1:2]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(8, 32)
        self.fc2 = nn.Linear(32, 1)
        nn.init.constant_(self.fc1.bias, -20.0)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))


model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
for step in range(5):
    optimizer.zero_grad()
    loss = F.mse_loss(model(X), y)
    loss.backward()
    optimizer.step()
