"""Encoder and head are trained in turn for ten steps each; the one at rest is frozen meanwhile."""

import torch
from torch import nn

torch.manual_seed(0)
encoder, head = nn.Sequential(nn.Linear(6, 24), nn.ReLU()), nn.Linear(24, 2)
opt_e = torch.optim.Adam(encoder.parameters(), lr=2e-3)
opt_h = torch.optim.Adam(head.parameters(), lr=2e-3)
X = torch.randn(256, 6)
Y = (X.sum(1) > 0).long()
for step in range(50):
    turn = (step // 10) % 2
    encoder.requires_grad_(turn == 0)
    head.requires_grad_(turn == 1)
    opt = opt_h if turn else opt_e
    rows = torch.randint(0, 256, (32,))
    loss = nn.functional.cross_entropy(head(encoder(X[rows])), Y[rows])
    opt.zero_grad()
    loss.backward()
    opt.step()
