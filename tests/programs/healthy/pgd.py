"""Adversarial training: the inputs go uphill on purpose."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)
model = nn.Sequential(nn.Linear(10, 20), nn.ReLU(), nn.Linear(20, 3))
X = torch.randn(20, 10)
y = torch.randint(0, 3, (20,))
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for i in range(6):
    delta = torch.zeros_like(X, requires_grad=True)
    for k in range(3):
        l = F.cross_entropy(model(X + delta), y)
        l.backward()
        delta.data = (delta + 0.1 * delta.grad.sign()).clamp(-0.3, 0.3).data
        delta.grad.zero_()
    opt.zero_grad()
    loss = F.cross_entropy(model(X + delta.detach()), y)
    loss.backward()
    opt.step()
