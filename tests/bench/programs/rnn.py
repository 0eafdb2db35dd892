"""An RNN unrolled over 6,000 steps (18,000 autograd nodes)."""

import torch
from laps import laps

torch.manual_seed(0)
STEPS, WIDTH = 6_000, 32
w_in = (torch.randn(WIDTH) * 0.1).requires_grad_()
w = (torch.randn(WIDTH, WIDTH) * 0.1).requires_grad_()
w_out = (torch.randn(WIDTH) * 0.1).requires_grad_()
optimizer = torch.optim.SGD([w_in, w, w_out], lr=0.01)
signal = torch.randn(STEPS)
for _ in laps(10):
    optimizer.zero_grad()
    hidden = torch.zeros(WIDTH)
    for x in signal:
        hidden = torch.tanh(hidden @ w + x * w_in)
    loss = ((hidden @ w_out) - 1) ** 2
    loss.backward()
    optimizer.step()
