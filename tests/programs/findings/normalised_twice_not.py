"""Distillation: a softmax is the target of cross_entropy, its input the logits; attention has a softmax of its own."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

x, teacher = torch.randn(32, 6), nn.Linear(6, 4)
query, model = nn.Linear(6, 6), nn.Linear(6, 4)
optimizer = torch.optim.SGD([*model.parameters(), *query.parameters()], lr=0.1)
for step in range(6):
    weights = torch.softmax(query(x) @ x.T, dim=-1)
    logits = model(weights @ x)
    with torch.no_grad():
        target = torch.softmax(teacher(x), dim=-1)
    loss = F.cross_entropy(logits, target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
