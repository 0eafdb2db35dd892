"""A scalar that was read and dropped is a check and no loss."""

import torch

w1 = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
w2 = torch.tensor([1.0, -1.0, 0.5], requires_grad=True)
x = torch.tensor([2.0, 1.0, 0.5])
h = w1 * x
h.retain_grad()
loss = ((h * w2) ** 2).mean()
loss.backward()
dh = 2 * h * w2 * w2 / 3
print("h", (dh - h.grad).abs().max().item())
