"""Features are computed once, with a graph that nobody needs, and detached wherever they are read."""

import torch
from torch import nn

torch.manual_seed(0)
backbone = nn.Sequential(nn.Linear(6, 16), nn.ReLU())
X = torch.randn(128, 6)
Y = (X[:, 0] > 0).long()
features = backbone(X)
head = nn.Linear(16, 2)
opt = torch.optim.Adam(head.parameters(), lr=1e-2)
for step in range(50):
    rows = torch.randint(0, 128, (16,))
    loss = nn.functional.cross_entropy(head(features.detach()[rows]), Y[rows])
    opt.zero_grad()
    loss.backward()
    opt.step()
