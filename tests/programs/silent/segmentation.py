"""A small U-net: pixels without a label are ignored, a Dice term takes the softmax, cross entropy the logits."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)


def double(i, o):
    return nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU(inplace=True))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down1, self.down2 = double(1, 8), double(8, 16)
        self.up = nn.ConvTranspose2d(16, 8, 2, stride=2)
        self.out = nn.Sequential(double(16, 8), nn.Conv2d(8, 3, 1))

    def forward(self, x):
        a = self.down1(x)
        b = self.down2(F.max_pool2d(a, 2))
        return self.out(torch.cat([a, self.up(b)], 1))


model = UNet()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
images = torch.randn(40, 1, 8, 8)
masks = (images[:, 0] > 0).long() + (images[:, 0] > 1).long()
masks[:, :1] = 255
for step in range(50):
    rows = torch.randint(0, 40, (6,))
    logits, target = model(images[rows]), masks[rows]
    valid = target != 255
    one_hot = F.one_hot(target.masked_fill(~valid, 0), 3).permute(0, 3, 1, 2).float() * valid[:, None]
    probs = logits.softmax(1) * valid[:, None]
    dice = 1 - (2 * (probs * one_hot).sum((0, 2, 3)) + 1) / ((probs + one_hot).sum((0, 2, 3)) + 1)
    loss = F.cross_entropy(logits, target, weight=torch.tensor([0.5, 1.0, 2.0]), ignore_index=255) + dice.mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
