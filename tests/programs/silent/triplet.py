"""Three passes through one net: a triplet loss that is often exactly zero for some triplets."""

import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(10, 32), nn.PReLU(), nn.Linear(32, 8))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
criterion = nn.TripletMarginLoss(margin=0.5)
centres = torch.randn(5, 10) * 2
for step in range(50):
    c = torch.randint(0, 5, (24,))
    other = (c + torch.randint(1, 5, (24,))) % 5
    anchor, positive = centres[c] + torch.randn(24, 10), centres[c] + torch.randn(24, 10)
    negative = centres[other] + torch.randn(24, 10)
    loss = criterion(net(anchor), net(positive), net(negative))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
