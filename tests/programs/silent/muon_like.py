"""Two optimizers for one model: an own one that orthogonalises matrices, AdamW for the rest."""

import torch
from torch import nn

torch.manual_seed(0)


def ns(G, steps=5):
    X = G / (G.norm() + 1e-7)
    if G.shape[0] > G.shape[1]:
        X = X.T
    for _ in range(steps):
        A = X @ X.T
        X = 3.4445 * X + (-4.775 * A + 2.0315 * A @ A) @ X
    return X.T if G.shape[0] > G.shape[1] else X


class Muon(torch.optim.Optimizer):
    def __init__(self, params, lr=0.02, momentum=0.95):
        super().__init__(params, dict(lr=lr, momentum=momentum))

    @torch.no_grad()
    def step(self):
        for g in self.param_groups:
            for p in g["params"]:
                b = self.state[p].setdefault("b", torch.zeros_like(p))
                b.lerp_(p.grad, 1 - g["momentum"])
                p.add_(ns(p.grad.lerp(b, g["momentum"])), alpha=-g["lr"])


net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 4))
mats = [p for p in net.parameters() if p.ndim == 2]
rest = [p for p in net.parameters() if p.ndim < 2]
opts = [Muon(mats), torch.optim.AdamW(rest, lr=3e-3)]
T = torch.randn(8, 4)
for step in range(40):
    x = torch.randn(64, 8)
    loss = nn.functional.cross_entropy(net(x), (x @ T).argmax(1))
    loss.backward()
    for o in opts:
        o.step()
    for o in opts:
        o.zero_grad()
