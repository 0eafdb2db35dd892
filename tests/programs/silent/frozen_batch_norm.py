"""Fine-tuning with small batches: batch-norm's layers stay in eval mode, all else trains."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(
    nn.Conv2d(1, 6, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.Conv2d(6, 8, 3), nn.BatchNorm2d(8), nn.ReLU(),
    nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4),
)
with torch.no_grad():
    model(torch.randn(64, 1, 8, 8))


def train_mode():
    model.train()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


opt = torch.optim.AdamW(model.parameters(), lr=1e-3)
images, labels = torch.randn(60, 1, 8, 8), torch.randint(0, 4, (60,))
for step in range(50):
    train_mode()
    rows = torch.randint(0, 60, (2,))
    loss = nn.functional.cross_entropy(model(images[rows]), labels[rows])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 10 == 9:
        model.eval()
        with torch.no_grad():
            print(step, model(images).argmax(1).eq(labels).float().mean().item())
