"""Zeros in every layer of a net by hand: only the last bias moves."""

import torch

torch.manual_seed(0)
x = torch.randn(64, 4)
y = (x[:, 0] > 0.3).long()
w1, b1 = torch.zeros(4, 8, requires_grad=True), torch.zeros(8, requires_grad=True)
w2, b2 = torch.zeros(8, 2, requires_grad=True), torch.zeros(2, requires_grad=True)
for step in range(8):
    loss = torch.nn.functional.cross_entropy(torch.tanh(x @ w1 + b1) @ w2 + b2, y)
    loss.backward()
    with torch.no_grad():
        for weight in (w1, b1, w2, b2):
            weight -= 0.5 * weight.grad
            weight.grad = None
