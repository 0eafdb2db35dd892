"""The square root of 0: the loss is finite, its derivative is not."""

import torch

torch.manual_seed(1)
p = torch.tensor([0.0, 1.0, 4.0], requires_grad=True)
loss = torch.sqrt(p).sum()
loss.backward()
