"""A multilayer perceptron with BatchNorm and in-place ReLU on a full batch.

Phases: f b u f b u f b u f b u
"""

import sys

import torch
from torch import nn

torch.manual_seed(39)
log = {"losses": [], "grads": []}


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(8, 24)
        self.bn1 = nn.BatchNorm1d(24)
        self.fc2 = nn.Linear(24, 24)
        self.bn2 = nn.BatchNorm1d(24)
        self.out = nn.Linear(24, 3)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x):
        x = self.act(self.bn1(self.fc1(x)))
        x = self.act(self.bn2(self.fc2(x)))
        return self.out(x)


model = MLP()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
x, y = torch.randn(30, 8), torch.randint(0, 3, (30,))

for step in range(4):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append({name: p.grad.clone() for name, p in model.named_parameters()})
    optimizer.step()
    print(step, loss.item())

if len(sys.argv) > 1:
    torch.save(log | {"weights": model.state_dict()}, sys.argv[1])
