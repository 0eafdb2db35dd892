"""A result is written to that autograd has kept for its backward pass."""

import torch

torch.manual_seed(0)
w = torch.randn(3, requires_grad=True)
p = w.sigmoid()
p += 1
p.sum().backward()
