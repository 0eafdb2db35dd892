"""Sparse embeddings with an optimizer of their own beside a dense one; most rows get no gradient at a step."""

import torch
from torch import nn

torch.manual_seed(0)
users, items = nn.Embedding(100, 8, sparse=True), nn.Embedding(60, 8, sparse=True)
bias = nn.Linear(8, 1)
sparse_opt = torch.optim.SparseAdam([*users.parameters(), *items.parameters()], lr=0.01)
dense_opt = torch.optim.Adam(bias.parameters(), lr=0.01)
for step in range(50):
    u, i = torch.randint(0, 100, (16,)), torch.randint(0, 60, (16,))
    rating = ((u + i) % 5).float()
    score = bias(users(u) * items(i)).squeeze(1)
    loss = nn.functional.mse_loss(score, rating)
    sparse_opt.zero_grad()
    dense_opt.zero_grad()
    loss.backward()
    sparse_opt.step()
    dense_opt.step()
