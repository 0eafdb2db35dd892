"""An RNN unrolled over 6,000 steps (18,000 autograd nodes); writes the seconds of each iteration to sys.argv[1]."""

import json
import sys
import time

import torch

torch.manual_seed(0)
torch.set_num_threads(1)
STEPS, WIDTH = 6_000, 32
w_in = (torch.randn(WIDTH) * 0.1).requires_grad_()
w = (torch.randn(WIDTH, WIDTH) * 0.1).requires_grad_()
w_out = (torch.randn(WIDTH) * 0.1).requires_grad_()
optimizer = torch.optim.SGD([w_in, w, w_out], lr=0.01)
signal = torch.randn(STEPS)
seconds = []
for _ in range(6):
    start = time.perf_counter()
    optimizer.zero_grad()
    hidden = torch.zeros(WIDTH)
    for x in signal:
        hidden = torch.tanh(hidden @ w + x * w_in)
    loss = ((hidden @ w_out) - 1) ** 2
    loss.backward()
    optimizer.step()
    seconds.append(time.perf_counter() - start)

with open(sys.argv[1], "w") as file:
    json.dump({"iteration": seconds[1:]}, file)
