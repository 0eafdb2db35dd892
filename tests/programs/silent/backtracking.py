"""A step that made the loss larger is taken back and tried at half the length: Armijo's rule by hand."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 12), nn.Tanh(), nn.Linear(12, 1))
params = list(model.parameters())
X = torch.randn(60, 3)
Y = X.prod(1, keepdim=True)
for it in range(50):
    loss = nn.functional.mse_loss(model(X), Y)
    grads = torch.autograd.grad(loss, params)
    slope = sum(g.pow(2).sum() for g in grads)
    step = 2.0
    with torch.no_grad():
        for p, g in zip(params, grads):
            p.sub_(step * g)
        while nn.functional.mse_loss(model(X), Y) > loss - 0.3 * step * slope and step > 1e-6:
            for p, g in zip(params, grads):
                p.add_(0.5 * step * g)
            step /= 2
