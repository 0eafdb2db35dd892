"""One task after the other: the head is exchanged and a new optimizer made at the start of each, not at each step."""

import torch
from torch import nn

torch.manual_seed(0)
body = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU())
X = torch.randn(200, 6)
for task in range(5):
    head = nn.Linear(24, 2)
    model = nn.Sequential(body, head)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    Y = (X[:, task] > 0).long()
    for step in range(10):
        rows = torch.randint(0, 200, (20,))
        loss = nn.functional.cross_entropy(model(X[rows]), Y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(task, loss.item())
