"""Nine convolutions with sigmoids between them."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)
layers = [nn.Conv2d(1, 8, 3, padding=1), nn.Sigmoid()]
for _ in range(8):
    layers += [nn.Conv2d(8, 8, 3, padding=1), nn.Sigmoid()]
model = nn.Sequential(*layers, nn.Flatten(), nn.Linear(8 * 64, 4))
X = torch.randn(16, 1, 8, 8)
y = torch.randint(0, 4, (16,))
opt = torch.optim.Adam(model.parameters())
for i in range(6):
    opt.zero_grad()
    loss = F.cross_entropy(model(X), y)
    loss.backward()
    opt.step()
