"""The same twelve layers with ReLU and an initialisation made for it."""

import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(32, 16)
y = torch.sin(X.sum(1, keepdim=True))
layers = [nn.Linear(16, 16)]
for _ in range(11):
    layers += [nn.ReLU(), nn.Linear(16, 16)]
layers += [nn.ReLU(), nn.Linear(16, 1)]
model = nn.Sequential(*layers)
for layer in model:
    if isinstance(layer, nn.Linear):
        nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
optimizer = torch.optim.SGD(model.parameters(), lr=0.001)

for step in range(4):
    optimizer.zero_grad()
    loss = ((model(X) - y) ** 2).mean()
    loss.backward()
    optimizer.step()
