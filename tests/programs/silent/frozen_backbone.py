"""Fine-tuning a head: the backbone with batch-norm is frozen and stays in eval mode while the model trains."""

import torch
from torch import nn

torch.manual_seed(0)
backbone = nn.Sequential(nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
for parameter in backbone.parameters():
    parameter.requires_grad = False


class Tuned(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 3))

    def train(self, mode=True):
        super().train(mode)
        self.backbone.eval()
        return self

    def forward(self, x):
        with torch.no_grad():
            features = self.backbone(x)
        return self.head(features)


model = Tuned()
optimizer = torch.optim.Adam(model.head.parameters(), lr=1e-3)
images, labels = torch.randn(100, 1, 8, 8), torch.randint(0, 3, (100,))
for epoch in range(5):
    model.train()
    for i in range(0, 100, 10):
        loss = nn.functional.cross_entropy(model(images[i : i + 10]), labels[i : i + 10])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        print(epoch, (model(images).argmax(1) == labels).float().mean().item())
