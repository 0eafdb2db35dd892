"""Cross entropy against probabilities: the target is a softmax, the input is not; mixup of one-hot labels."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
teacher, net = nn.Linear(6, 4), nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 4))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
X = torch.randn(200, 6)
Y = X[:, :4].argmax(1)
for it in range(50):
    rows = torch.randint(0, 200, (20,))
    other = rows[torch.randperm(20)]
    lam = torch.distributions.Beta(0.4, 0.4).sample()
    x = lam * X[rows] + (1 - lam) * X[other]
    mixed = lam * F.one_hot(Y[rows], 4).float() + (1 - lam) * F.one_hot(Y[other], 4).float()
    logits = net(x)
    probabilities = F.softmax(teacher(x), dim=1).detach()
    loss = F.cross_entropy(logits, mixed) + 0.1 * F.cross_entropy(logits, probabilities)
    by_hand = lam * F.cross_entropy(logits, Y[rows]) + (1 - lam) * F.cross_entropy(logits, Y[other])
    opt.zero_grad()
    (loss + 0.5 * by_hand).backward()
    opt.step()
