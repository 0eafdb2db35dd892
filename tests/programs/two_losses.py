"""Two losses on one graph, each with its own backward: the first keeps the graph (retain_graph).

Both losses are made before the first backward, so that there is one forward stop for both.

Phases: f b b u f b b u f b b u
"""

import sys

import torch
from torch import nn

torch.manual_seed(8)
log = {"losses": [], "grads": []}

x = torch.randn(20, 6)
height = x[:, :1] * 2
label = (x[:, 1] > 0).long()

trunk = nn.Linear(6, 12)
regressor = nn.Linear(12, 1)
classifier = nn.Linear(12, 2)
params = [*trunk.parameters(), *regressor.parameters(), *classifier.parameters()]
optimizer = torch.optim.SGD(params, lr=0.1)

for epoch in range(3):
    optimizer.zero_grad()
    features = torch.relu(trunk(x))
    loss_height = nn.functional.mse_loss(regressor(features), height)
    loss_label = nn.functional.cross_entropy(classifier(features), label)

    loss_height.backward(retain_graph=True)
    log["losses"].append(loss_height.item())
    log["grads"].append([None if p.grad is None else p.grad.clone() for p in params])
    loss_label.backward()
    log["losses"].append(loss_label.item())
    log["grads"].append([p.grad.clone() for p in params])

    optimizer.step()
    print(epoch, loss_height.item(), loss_label.item())

if len(sys.argv) > 1:
    torch.save(log | {"weights": {str(i): p.detach() for i, p in enumerate(params)}}, sys.argv[1])
