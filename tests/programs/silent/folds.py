"""Cross-validation: for each fold a new model and a new optimizer under the old names."""

import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(100, 5)
Y = (X[:, :2].sum(1) > 0).float()
scores = []
for fold in range(5):
    held = torch.arange(100) % 5 == fold
    model = nn.Sequential(nn.Linear(5, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 5)
    for epoch in range(10):
        model.train()
        rows = torch.randperm(80)[:40]
        logits = model(X[~held][rows]).squeeze(1)
        loss = nn.functional.binary_cross_entropy_with_logits(logits, Y[~held][rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
    model.eval()
    with torch.no_grad():
        scores.append(((model(X[held]).squeeze(1) > 0) == (Y[held] > 0)).float().mean().item())
print(sum(scores) / 5)
