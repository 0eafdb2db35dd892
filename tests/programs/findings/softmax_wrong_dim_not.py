"""An attention over sequences whose first is of length 1, and log_softmax over dim=1 of images."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

model, query, pixels = nn.Linear(6, 4), nn.Linear(6, 1), nn.Conv2d(3, 5, 1)
images, classes = torch.randn(8, 3, 4, 4), torch.randint(0, 5, (8, 4, 4))
optimizer = torch.optim.SGD([*model.parameters(), *query.parameters(), *pixels.parameters()], lr=0.1)
for step in range(6):
    total = F.nll_loss(F.log_softmax(pixels(images), dim=1), classes)
    for length in (1, 3, 5):
        words, y = torch.randn(16, length, 6), torch.randint(0, 4, (16,))
        weights = torch.softmax(query(words), dim=1)
        total = total + F.cross_entropy(model((weights * words).sum(1)), y)
    optimizer.zero_grad()
    total.backward()
    optimizer.step()
