"""A target network that follows by hand."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)


class A:
    def __init__(self):
        self.q = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2))
        self.t = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2))
        self.t.load_state_dict(self.q.state_dict())
        self.opt = torch.optim.Adam(self.q.parameters(), lr=1e-3)

    def learn(self):
        S = torch.randn(32, 4)
        a = torch.randint(0, 2, (32, 1))
        r = torch.rand(32, 1)
        with torch.no_grad():
            tgt = r + 0.9 * self.t(torch.randn(32, 4)).max(1, keepdim=True).values
        loss = F.smooth_l1_loss(self.q(S).gather(1, a), tgt)
        self.opt.zero_grad()
        loss.backward()
        self.opt.step()
        for p, q in zip(self.t.parameters(), self.q.parameters()):
            p.data.mul_(0.99).add_(q.data * 0.01)


ag = A()
for i in range(10):
    ag.learn()
