"""LBFGS, which runs the model several times a step."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)
model = nn.Linear(5, 1)
X = torch.randn(60, 5)
y = X.sum(1, keepdim=True) + 0.1 * torch.randn(60, 1)
opt = torch.optim.LBFGS(model.parameters(), lr=1, max_iter=5)
for i in range(8):

    def closure():
        opt.zero_grad()
        loss = F.mse_loss(model(X), y)
        loss.backward()
        return loss

    opt.step(closure)
