"""Two optimizers; the gradients of one are cleared twice, those of the other never."""

import torch
from torch import nn

torch.manual_seed(0)
encoder, classifier = nn.Linear(8, 4), nn.Linear(4, 2)
first = torch.optim.Adam(encoder.parameters(), lr=1e-3)
second = torch.optim.Adam(classifier.parameters(), lr=1e-3)
x, y = torch.randn(32, 8), torch.randint(2, (32,))
for _ in range(4):
    second.zero_grad()
    second.zero_grad()
    loss = nn.functional.cross_entropy(classifier(encoder(x).relu()), y)
    loss.backward()
    first.step()
    second.step()
