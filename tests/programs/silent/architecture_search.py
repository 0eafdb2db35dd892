"""Weights on one half of the data, a softmax over operations on the other, in turn."""

import torch
from torch import nn

torch.manual_seed(0)


class Mixed(nn.Module):
    def __init__(self):
        super().__init__()
        self.ops = nn.ModuleList([nn.Linear(8, 8), nn.Sequential(nn.Linear(8, 8), nn.Tanh()), nn.Identity()])
        self.alpha = nn.Parameter(1e-3 * torch.randn(3))

    def forward(self, x):
        return sum(w * op(x) for w, op in zip(self.alpha.softmax(0), self.ops))


model = nn.Sequential(Mixed(), Mixed(), nn.Linear(8, 2))
alphas = [p for n, p in model.named_parameters() if "alpha" in n]
weights = [p for n, p in model.named_parameters() if "alpha" not in n]
w_opt = torch.optim.SGD(weights, lr=0.05, momentum=0.9)
a_opt = torch.optim.Adam(alphas, lr=0.01)
X = torch.randn(200, 8)
Y = (X[:, 0] * X[:, 1] > 0).long()
for step in range(25):
    for half, opt in ((100, a_opt), (0, w_opt)):
        rows = half + torch.randint(0, 100, (25,))
        loss = nn.functional.cross_entropy(model(X[rows]), Y[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
