"""clamp(min=0) as a ReLU, on plain tensors, in a batch of four."""

import torch

torch.manual_seed(1)
a = torch.randn(4, 20, requires_grad=True)
b = torch.full((20,), -30.0, requires_grad=True)
c = torch.randn(20, 1, requires_grad=True)
X = torch.randn(4, 4)
y = torch.randn(4, 1)
opt = torch.optim.SGD([a, b, c], lr=0.1)
for i in range(6):
    opt.zero_grad()
    loss = (((X @ a + b).clamp(min=0) @ c - y) ** 2).mean()
    loss.backward()
    opt.step()
