"""At the forward stop of a large graph the loss, and what has a name, has changed."""

import torch

w = torch.tensor(1.0, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
for _ in range(2):
    optimizer.zero_grad()
    hidden = w
    for _ in range(1200):
        hidden = hidden * 1.0001
    loss = (hidden - 2) ** 2
    loss.backward()
    optimizer.step()
