"""Logs of probabilities with an eps: a sure one is a little above zero. CE of scaled sigmoids and of logs is no fault."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Linear(24, 3))
opt = torch.optim.Adam(net.parameters(), lr=2e-2)
X = torch.randn(150, 4) * 3
Y = X[:, :3].argmax(1)
for it in range(50):
    rows = torch.randint(0, 150, (30,))
    logits = net(X[rows])
    probs = F.softmax(logits, dim=1)
    nll = F.nll_loss(torch.log(probs + 1e-6), Y[rows])
    again = F.cross_entropy(torch.log(probs + 1e-9), Y[rows])
    squashed = F.cross_entropy(10 * torch.sigmoid(logits), Y[rows])
    kl = F.kl_div(torch.log(probs + 1e-6), torch.full_like(probs, 1 / 3), reduction="batchmean")
    loss = nll + again + 0.1 * squashed + 0.01 * kl
    opt.zero_grad()
    loss.backward()
    opt.step()
