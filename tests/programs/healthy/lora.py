"""LoRA with AdamW: one factor begins at zero."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)


class L(nn.Module):
    def __init__(self, base, r=2):
        super().__init__()
        self.base = base
        self.A = nn.Parameter(torch.randn(r, base.in_features) * 0.1)
        self.B = nn.Parameter(torch.zeros(base.out_features, r))
        for p in base.parameters():
            p.requires_grad_(False)

    def forward(self, x):
        return self.base(x) + x @ self.A.T @ self.B.T


model = nn.Sequential(
    L(nn.Linear(10, 20)),
    nn.ReLU(),
    L(nn.Linear(20, 20)),
    nn.ReLU(),
    L(nn.Linear(20, 20)),
    nn.ReLU(),
    L(nn.Linear(20, 3)),
)
opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3)
X = torch.randn(60, 10)
y = torch.randint(0, 3, (60,))
for i in range(15):
    opt.zero_grad()
    loss = F.cross_entropy(model(X), y)
    loss.backward()
    opt.step()
