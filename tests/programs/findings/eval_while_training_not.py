"""train() at each epoch, a frozen backbone in eval mode, an attack in eval mode whose gradients no step uses."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

backbone = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU()).requires_grad_(False).eval()
model = nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
x, y = torch.randn(64, 3), torch.randint(0, 2, (64,))
for epoch in range(4):
    model.train()
    for at in range(0, 64, 16):
        loss = F.cross_entropy(model(backbone(x[at : at + 16])), y[at : at + 16])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    probe = x.clone().requires_grad_()
    torch.autograd.grad(F.cross_entropy(model(backbone(probe)), y), probe)
