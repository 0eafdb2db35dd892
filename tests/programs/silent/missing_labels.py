"""Labels that are not known are NaN in the data, and are indexed away before the loss; so are inputs by nan_to_num."""

import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(200, 5)
Y = torch.stack([X[:, 0] + X[:, 1], X[:, 2] * X[:, 3]], 1)
Y[torch.rand_like(Y) < 0.3] = float("nan")
X[torch.rand_like(X) < 0.1] = float("nan")
net = nn.Sequential(nn.Linear(10, 24), nn.ReLU(), nn.Linear(24, 2))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for it in range(50):
    rows = torch.randint(0, 200, (20,))
    x, y = X[rows], Y[rows]
    known = ~torch.isnan(y)
    pred = net(torch.cat([torch.nan_to_num(x), torch.isnan(x).float()], 1))
    loss = nn.functional.mse_loss(pred[known], y[known])
    opt.zero_grad()
    loss.backward()
    opt.step()
