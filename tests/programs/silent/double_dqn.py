"""Double DQN: the online net chooses, the target net judges; it is loaded from the online one every tenth step."""

import torch
from torch import nn

torch.manual_seed(0)


class Dueling(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 32), nn.ReLU())
        self.value = nn.Linear(32, 1)
        self.advantage = nn.Linear(32, 3)

    def forward(self, x):
        h = self.body(x)
        a = self.advantage(h)
        return self.value(h) + a - a.mean(dim=1, keepdim=True)


online, target = Dueling(), Dueling()
target.load_state_dict(online.state_dict())
target.eval()
optimizer = torch.optim.Adam(online.parameters(), lr=1e-3)
loss_fn = nn.SmoothL1Loss()
for step in range(50):
    s, s2 = torch.randn(32, 4), torch.randn(32, 4)
    a, r, d = torch.randint(0, 3, (32, 1)), torch.randn(32, 1), (torch.rand(32, 1) < 0.1).float()
    q = online(s).gather(1, a)
    with torch.no_grad():
        best = online(s2).argmax(1, keepdim=True)
        y = r + (1 - d) * 0.99 * target(s2).gather(1, best)
    loss = loss_fn(q, y)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_value_(online.parameters(), 100)
    optimizer.step()
    if step % 10 == 9:
        target.load_state_dict(online.state_dict())
