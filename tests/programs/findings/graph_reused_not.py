"""Truncated backpropagation through time; losses that are done are read; one graph is gone through twice on purpose."""

import torch

torch.manual_seed(0)
inner, outer = torch.randn(3, 8, requires_grad=True), torch.randn(8, 8, requires_grad=True)
optimizer = torch.optim.SGD([inner, outer], lr=0.01)
h, total, last = torch.zeros(4, 8), 0.0, None
for step in range(6):
    x = torch.randn(4, 3)
    for _ in range(3):
        h = torch.tanh(x @ inner + h @ outer)
    loss = h.pow(2).mean()
    optimizer.zero_grad()
    if step == 3:
        loss.backward(retain_graph=True)
        optimizer.zero_grad()
        (loss * 0.5).backward()
    else:
        loss.backward()
    optimizer.step()
    if last is not None:
        print((loss - last).item(), loss.log10())
    last = loss
    total += loss.item()
    h = h.detach()
