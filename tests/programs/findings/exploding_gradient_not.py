"""The same with weights of variance 2 / width."""

import torch

torch.manual_seed(0)
X = torch.randn(32, 24)
y = torch.sin(X[:, :1])
weights = [(torch.randn(24, 24) * (2 / 24) ** 0.5).requires_grad_() for _ in range(10)]
head = (torch.randn(24, 1) * 0.2).requires_grad_()
optimizer = torch.optim.SGD([*weights, head], lr=0.001)

for step in range(4):
    optimizer.zero_grad()
    h = X
    for weight in weights:
        h = torch.relu(h @ weight)
    loss = ((h @ head - y) ** 2).mean()
    loss.backward()
    optimizer.step()
