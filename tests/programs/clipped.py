"""Gradients clipped with clip_grad_norm_ between backward and step.

Phases: f b u f b u f b u f b u
"""

import sys

import torch
from torch import nn

torch.manual_seed(29)
log = {"losses": [], "grads": [], "norms": []}

sequence = torch.randn(5, 12, 3)
target = sequence.cumsum(dim=1)[..., :1]
rnn = nn.LSTM(3, 8, batch_first=True)
head = nn.Linear(8, 1)
params = [*rnn.parameters(), *head.parameters()]
optimizer = torch.optim.SGD(params, lr=0.5)

for step in range(4):
    optimizer.zero_grad()
    output, _ = rnn(sequence)
    loss = nn.functional.mse_loss(head(output), target)
    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append([p.grad.clone() for p in params])
    norm = torch.nn.utils.clip_grad_norm_(params, max_norm=0.25)
    log["norms"].append(norm.item())
    optimizer.step()
    print(step, loss.item(), norm.item())

if len(sys.argv) > 1:
    torch.save(log | {"weights": {str(i): p.detach() for i, p in enumerate(params)}}, sys.argv[1])
