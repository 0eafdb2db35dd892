"""An image is optimised, the model is not."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)
vgg = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3), nn.ReLU())
img = torch.rand(1, 3, 16, 16, requires_grad=True)
T = vgg(torch.rand(1, 3, 16, 16)).detach()
opt = torch.optim.Adam([img], lr=0.02)
for i in range(10):
    loss = F.mse_loss(vgg(img), T)
    opt.zero_grad()
    loss.backward()
    opt.step()
