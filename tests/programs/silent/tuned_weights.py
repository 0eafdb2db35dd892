"""Weights of samples are learned through one step of the model: a gradient of a gradient, two optimizers."""

import torch
from torch import nn

torch.manual_seed(0)
w = nn.Parameter(torch.zeros(3, 1))
sample_logits = nn.Parameter(torch.zeros(40))
inner, outer = torch.optim.SGD([w], lr=0.1), torch.optim.Adam([sample_logits], lr=0.05)
true = torch.tensor([[1.0], [-2.0], [0.5]])
X, Xv = torch.randn(40, 3), torch.randn(20, 3)
Y, Yv = X @ true, Xv @ true
Y[:10] += 5
for it in range(25):
    weights = torch.sigmoid(sample_logits)
    train = (weights[:, None] * (X @ w - Y) ** 2).mean()
    (g,) = torch.autograd.grad(train, w, create_graph=True)
    meta = ((Xv @ (w - 0.1 * g) - Yv) ** 2).mean()
    outer.zero_grad()
    meta.backward()
    outer.step()
    inner.zero_grad()
    loss = (torch.sigmoid(sample_logits).detach()[:, None] * (X @ w - Y) ** 2).mean()
    loss.backward()
    inner.step()
