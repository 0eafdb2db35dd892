"""The gradient of a result in the middle is asked for with retain_grad and read after backward."""

import torch
from torch import nn

torch.manual_seed(0)
features = nn.Sequential(nn.Conv2d(1, 6, 3), nn.ReLU())
head = nn.Linear(6, 3)
opt = torch.optim.Adam([*features.parameters(), *head.parameters()], lr=3e-3)
images, labels = torch.randn(60, 1, 8, 8), torch.randint(0, 3, (60,))
for step in range(50):
    rows = torch.randint(0, 60, (12,))
    maps = features(images[rows])
    maps.retain_grad()
    loss = nn.functional.cross_entropy(head(maps.mean((2, 3))), labels[rows])
    opt.zero_grad()
    loss.backward()
    cam = (maps * maps.grad.mean((2, 3), keepdim=True)).sum(1).relu().detach()
    opt.step()
