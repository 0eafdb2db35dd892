"""A small residual network that tells apart two kinds of stripes."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(1)


class Block(nn.Module):
    def __init__(self, before, after, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride, padding=1, bias=False)
        self.conv2 = nn.Conv2d(after, after, 3, padding=1, bias=False)
        self.norm1, self.norm2 = nn.BatchNorm2d(after), nn.BatchNorm2d(after)
        self.relu = nn.ReLU(inplace=True)
        self.shortcut = nn.Identity()
        if stride != 1 or before != after:
            self.shortcut = nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))

    def forward(self, x):
        out = self.relu(self.norm1(self.conv1(x)))
        out = self.norm2(self.conv2(out))
        out += self.shortcut(x)
        return self.relu(out)


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(inplace=True))
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.stages = nn.Sequential(
            Block(8, 8, 1), Block(8, 8, 1), Block(8, 16, 2), Block(16, 16, 1), Block(16, 32, 2), Block(32, 32, 1)
        )
        self.average = nn.AdaptiveAvgPool2d((1, 1))
        self.classify = nn.Linear(32, 2)

    def forward(self, x):
        x = self.stages(self.pool(self.stem(x)))
        return self.classify(torch.flatten(self.average(x), 1))


def stripes(count):
    labels = torch.randint(2, (count,))
    wave = torch.sin(torch.arange(16.0))[None, None, :, None].expand(count, 1, 16, 16)
    images = torch.where(labels[:, None, None, None] == 1, wave, wave.transpose(2, 3))
    return images + 0.1 * torch.randn(count, 1, 16, 16), labels


model = ResNet()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
for step in range(3):
    images, labels = stripes(16)
    loss = F.cross_entropy(model(images), labels, label_smoothing=0.1)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
model.eval()
images, labels = stripes(8)
loss = F.cross_entropy(model(images), labels)
loss.backward()
