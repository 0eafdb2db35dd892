"""Ten ReLU layers as PyTorch initialises them."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)
layers = [nn.Linear(32, 32)]
for _ in range(8):
    layers += [nn.ReLU(), nn.Linear(32, 32)]
model = nn.Sequential(*layers, nn.ReLU(), nn.Linear(32, 4))
X = torch.randn(64, 32)
y = torch.randint(0, 4, (64,))
opt = torch.optim.Adam(model.parameters())
for i in range(15):
    loss = F.cross_entropy(model(X), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
