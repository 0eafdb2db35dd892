"""MAML: an inner step by autograd.grad with its graph, the outer loss through it."""

import torch
from torch import nn
from torch.func import functional_call

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(1, 20), nn.Tanh(), nn.Linear(20, 1))
meta_opt = torch.optim.Adam(model.parameters(), lr=1e-3)


def task():
    a, p = torch.rand(1) * 4 + 0.5, torch.rand(1) * 3.14
    x = torch.rand(20, 1) * 6 - 3
    return x, a * torch.sin(x + p)


for it in range(50):
    meta_loss = 0.0
    for _ in range(3):
        x, y = task()
        params = dict(model.named_parameters())
        inner = nn.functional.mse_loss(functional_call(model, params, (x[:10],)), y[:10])
        grads = torch.autograd.grad(inner, params.values(), create_graph=True)
        fast = {name: p - 0.05 * g for (name, p), g in zip(params.items(), grads)}
        meta_loss = meta_loss + nn.functional.mse_loss(functional_call(model, fast, (x[10:],)), y[10:])
    meta_opt.zero_grad()
    (meta_loss / 3).backward()
    meta_opt.step()
