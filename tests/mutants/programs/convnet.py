"""A conv net that segments pictures: batch-norm, a cosine schedule to zero, step by step."""

import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)
torch.manual_seed(0)
images = torch.randn(64, 1, 8, 8)
masks = (F.avg_pool2d(images, 3, stride=1, padding=1) > 0.2).float()
train_images, train_masks = images[:48], masks[:48]
test_images, test_masks = images[48:], masks[48:]


class Segmenter(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 6, 3, padding=1),
            nn.BatchNorm2d(6),
            nn.ReLU(),
            nn.Conv2d(6, 8, 3, padding=1),
            nn.BatchNorm2d(8),
            nn.ReLU(),
        )
        self.head = nn.Conv2d(8, 1, 1)

    def forward(self, x):
        features = self.encoder(x)
        return self.head(features)


model = Segmenter()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=24)

for epoch in range(4):
    model.train()
    order = torch.randperm(48)
    total = 0.0
    for start in range(0, 48, 8):
        batch = order[start : start + 8]
        optimizer.zero_grad()
        logits = model(train_images[batch])
        loss = criterion(logits, train_masks[batch])
        loss.backward()
        optimizer.step()
        scheduler.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        outputs = model(test_images)
        right = ((outputs > 0) == (test_masks > 0)).float().mean().item()
    print(epoch, total / 6, right)
