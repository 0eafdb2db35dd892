"""A hidden state that is carried from step to step with its graph: the second backward comes to what is freed."""

import torch

torch.manual_seed(0)
inner, outer = torch.randn(3, 8, requires_grad=True), torch.randn(8, 8, requires_grad=True)
optimizer = torch.optim.SGD([inner, outer], lr=0.01)
h = torch.zeros(4, 8)
for _ in range(3):
    x = torch.randn(4, 3)
    h = torch.tanh(x @ inner + h @ outer)
    loss = h.pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
