"""The channels of a convolution that are all below zero."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)
model = nn.Sequential(
    nn.Conv2d(1, 8, 3),
    nn.ReLU(inplace=True),
    nn.Conv2d(8, 8, 3),
    nn.ReLU(inplace=True),
    nn.Flatten(),
    nn.Linear(8 * 16, 3),
)
X = torch.rand(10, 1, 8, 8)
y = torch.randint(0, 3, (10,))
nn.init.constant_(model[2].bias, -50.0)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for i in range(6):
    opt.zero_grad()
    loss = F.cross_entropy(model(X), y)
    loss.backward()
    opt.step()
