"""Policy gradients, one state at a time."""

import torch
from torch import nn

torch.manual_seed(1)
pi = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 2))
opt = torch.optim.Adam(pi.parameters(), lr=1e-2)
for ep in range(15):
    logs = []
    rs = []
    s = torch.randn(4)
    for t in range(10):
        d = torch.distributions.Categorical(logits=pi(s))
        a = d.sample()
        logs.append(d.log_prob(a))
        rs.append(float(a == (s[0] > 0)))
        s = torch.randn(4)
    R = torch.tensor(rs).flip(0).cumsum(0).flip(0)
    loss = -(torch.stack(logs) * (R - R.mean())).sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
