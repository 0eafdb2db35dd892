"""A convolutional net with batch normalisation and dropout, SGD with momentum."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)
model = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1),
    nn.BatchNorm2d(8),
    nn.ReLU(inplace=True),
    nn.MaxPool2d(2),
    nn.Conv2d(8, 16, 3, padding=1),
    nn.BatchNorm2d(16),
    nn.ReLU(inplace=True),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Dropout(0.3),
    nn.Linear(16 * 9, 32),
    nn.ReLU(),
    nn.Linear(32, 10),
)
X = torch.rand(300, 1, 12, 12)
y = (X.mean((1, 2, 3)) * 40 - 16).long().clamp(0, 9)
opt = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
for it in range(50):
    ix = torch.randint(0, 300, (16,))
    opt.zero_grad()
    loss = F.cross_entropy(model(X[ix]), y[ix])
    loss.backward()
    opt.step()
