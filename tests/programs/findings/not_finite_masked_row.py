"""Attention over padded sequences: one of them is all padding, and its softmax has nothing to sum."""

import torch
from torch import nn

torch.manual_seed(0)
project, head = nn.Linear(8, 24), nn.Linear(8, 2)
x, target = torch.randn(4, 5, 8), torch.tensor([0, 1, 0, 1])
padding = torch.arange(5) >= torch.tensor([5, 3, 0, 4])[:, None]
q, k, v = project(x).chunk(3, dim=-1)
weights = (q @ k.transpose(1, 2) / 8**0.5).masked_fill(padding[:, None, :], float("-inf")).softmax(-1)
loss = nn.functional.cross_entropy(head((weights @ v).mean(1)), target)
loss.backward()
