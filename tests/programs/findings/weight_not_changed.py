"""Steps of 1e-5 on weights near 1 that have eight bits: nothing is added."""

import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(32, 10).bfloat16()
y = torch.randn(32, 1).bfloat16()
norm = nn.LayerNorm(10).bfloat16()
head = nn.Linear(10, 1).bfloat16()
optimizer = torch.optim.Adam([*norm.parameters(), *head.parameters()], lr=1e-5)
for step in range(6):
    optimizer.zero_grad()
    loss = ((head(norm(X)) - y) ** 2).mean()
    loss.backward()
    optimizer.step()
