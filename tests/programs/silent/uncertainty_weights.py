"""Two tasks whose weights are learned as log-variances; the sum of losses may be below zero."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
body = nn.Sequential(nn.Linear(8, 32), nn.ReLU())
regress, classify = nn.Linear(32, 1), nn.Linear(32, 3)
log_vars = nn.Parameter(torch.zeros(2))
opt = torch.optim.Adam([*body.parameters(), *regress.parameters(), *classify.parameters(), log_vars], lr=3e-3)
X = torch.randn(256, 8)
y_reg, y_cls = X[:, 0].sin(), X[:, 1:4].argmax(1)
for step in range(50):
    rows = torch.randint(0, 256, (32,))
    h = body(X[rows])
    loss_reg = F.mse_loss(regress(h).squeeze(-1), y_reg[rows])
    loss_cls = F.cross_entropy(classify(h), y_cls[rows])
    precision = torch.exp(-log_vars)
    loss = precision[0] * loss_reg + log_vars[0] + precision[1] * loss_cls + log_vars[1]
    opt.zero_grad()
    loss.backward()
    opt.step()
