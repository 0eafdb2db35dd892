"""A trained net is looked into: the input alone is changed, the net's parameters are frozen."""

import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Conv2d(1, 6, 3), nn.ReLU(), nn.Conv2d(6, 6, 3), nn.ReLU(), nn.Flatten(), nn.Linear(96, 5)).eval()
for p in net.parameters():
    p.requires_grad_(False)
image = torch.randn(1, 1, 8, 8, requires_grad=True)
optimizer = torch.optim.Adam([image], lr=0.05, weight_decay=1e-4)
for it in range(50):
    optimizer.zero_grad()
    activation = net(image)[0, 2]
    smooth = (image[..., 1:] - image[..., :-1]).pow(2).mean() + (image[..., 1:, :] - image[..., :-1, :]).pow(2).mean()
    loss = -activation + 0.1 * smooth
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        image.clamp_(-2, 2)
