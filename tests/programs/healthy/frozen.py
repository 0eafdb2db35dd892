"""A frozen backbone and a head that learns."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)


class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(10, 20), nn.ReLU())
        self.head = nn.Linear(20, 3)

    def forward(self, x):
        return self.head(self.backbone(x))


model = M()
for p in model.backbone.parameters():
    p.requires_grad = False
opt = torch.optim.Adam(model.head.parameters(), lr=1e-2)
X = torch.randn(60, 10)
y = torch.randint(0, 3, (60,))
for i in range(10):
    opt.zero_grad()
    loss = F.cross_entropy(model(X), y)
    loss.backward()
    opt.step()
