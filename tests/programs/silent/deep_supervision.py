"""Losses at several depths, added before one backward; running sums keep numbers only."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stages = nn.ModuleList([nn.Linear(8, 24), nn.Linear(24, 24), nn.Linear(24, 24)])
        self.heads = nn.ModuleList(nn.Linear(24, 3) for _ in range(3))

    def forward(self, x):
        outs = []
        for stage, head in zip(self.stages, self.heads):
            x = torch.relu(stage(x))
            outs.append(head(x))
        return outs if self.training else outs[-1]


net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, nesterov=True)
X = torch.randn(300, 8)
Y = X[:, :3].argmax(1)
history, running = [], torch.zeros(())
for it in range(50):
    net.train()
    rows = torch.randint(0, 300, (30,))
    losses = [F.cross_entropy(out, Y[rows]) for out in net(X[rows])]
    total = sum(w * l for w, l in zip((0.3, 0.3, 1.0), losses))
    opt.zero_grad()
    total.backward()
    opt.step()
    running += total.detach()
    history.append([l.item() for l in losses])
    if it % 10 == 9:
        net.eval()
        with torch.no_grad():
            print(it, running.item() / (it + 1), (net(X).argmax(1) == Y).float().mean().item())
