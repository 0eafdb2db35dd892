"""A focal loss: the sigmoid weights the terms, the loss itself is made from logits; rare positives."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)


def focal_loss(logits, targets, alpha=0.25, gamma=2.0):
    p = torch.sigmoid(logits)
    ce = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    p_t = p * targets + (1 - p) * (1 - targets)
    alpha_t = alpha * targets + (1 - alpha) * (1 - targets)
    return (alpha_t * (1 - p_t) ** gamma * ce).mean()


model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 1))
nn.init.constant_(model[2].bias, -2.0)
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
X = torch.randn(400, 10)
Y = (X[:, :1] > 1.2).float()
for step in range(50):
    rows = torch.randint(0, 400, (40,))
    loss = focal_loss(model(X[rows]), Y[rows])
    opt.zero_grad()
    loss.backward()
    opt.step()
