"""A graph whose shape changes every iteration: an RNN cell over names of different length.

Phases: f b u f b u f b u f b u f b u
"""

import sys

import torch
from torch import nn

torch.manual_seed(15)
log = {"losses": [], "grads": []}

names = ["Satoshi", "Li", "Oconnell", "Wang", "Abramovich"]
labels = [0, 1, 2, 1, 3]

embed = nn.Embedding(128, 6)
cell = nn.RNNCell(6, 10)
head = nn.Linear(10, 4)
params = [*embed.parameters(), *cell.parameters(), *head.parameters()]
optimizer = torch.optim.SGD(params, lr=0.1)

for name, label in zip(names, labels):
    optimizer.zero_grad()
    hidden = torch.zeros(1, 10)
    for letter in name:
        hidden = cell(embed(torch.tensor([ord(letter)])), hidden)
    loss = nn.functional.cross_entropy(head(hidden), torch.tensor([label]))
    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append([p.grad.clone() for p in params])
    optimizer.step()
    print(f"{name:<12} {loss.item():.4f}")

if len(sys.argv) > 1:
    torch.save(log | {"weights": {str(i): p.detach() for i, p in enumerate(params)}}, sys.argv[1])
