"""torch.autograd.grad of a vector."""

import torch

torch.manual_seed(1)
w = torch.randn(5, requires_grad=True)
out = w * 2
(g,) = torch.autograd.grad(out, w)
