"""w.data + lr * w.grad.data."""

import torch

torch.manual_seed(1)
w = torch.tensor([1.0, 1.0, 2.0], requires_grad=True)
x = torch.tensor([2.0, 3.0, 1.0])
y = torch.tensor(3.0)
for i in range(4):
    loss = (w @ x - y) ** 2
    loss.backward()
    w.data = w.data + 0.01 * w.grad.data
    w.grad = None
