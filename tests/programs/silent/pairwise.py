"""All pairs on purpose: points on a line from their distances, (N, 1) - (1, N) against an N x N table."""

import torch

torch.manual_seed(0)
N = 24
true = torch.rand(N) * 10
wanted = (true[:, None] - true[None, :]).abs()
place = torch.randn(N, 1, requires_grad=True)
optimizer = torch.optim.Adam([place], lr=0.05)
for it in range(50):
    distances = (place - place.T).abs()
    loss = ((distances - wanted) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
