"""A model whose layers are made in another order than they are met: leaves stand in the order of named_parameters."""

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 2, 3), nn.Conv2d(2, 2, 3)
        self.fc1, self.fc2 = nn.Linear(32, 4), nn.Linear(4, 2)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(self.conv2(torch.relu(self.conv1(x))).flatten(1))))


model = Net()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(2):
    optimizer.zero_grad()
    loss = model(torch.randn(2, 1, 8, 8)).pow(2).mean()
    loss.backward()
    optimizer.step()
