"""A frozen backbone under a trained head; a generator that learns through a frozen discriminator."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

backbone, head = nn.Linear(3, 8).requires_grad_(False), nn.Linear(8, 2)
generator, judge = nn.Linear(4, 3), nn.Linear(3, 1).requires_grad_(False)
optimizer = torch.optim.SGD([*head.parameters(), *generator.parameters()], lr=0.05)
x, y, noise = torch.randn(32, 3), torch.randint(0, 2, (32,)), torch.randn(32, 4)
for step in range(4):
    loss = F.cross_entropy(head(torch.relu(backbone(x))), y) + F.softplus(-judge(generator(noise))).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
