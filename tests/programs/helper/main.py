"""The model is in a module beside the script (net.py), so is the loss.

Phases: f b u f b u f b u
"""

import sys

import torch
from net import Net, regression_loss

torch.manual_seed(36)
log = {"losses": [], "grads": []}

model = Net(4, 8)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
x = torch.randn(18, 4)
y = x.max(dim=1).values

for step in range(3):
    optimizer.zero_grad()
    loss = regression_loss(model(x), y)
    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append({name: p.grad.clone() for name, p in model.named_parameters()})
    optimizer.step()
    print(step, loss.item())

if len(sys.argv) > 1:
    torch.save(log | {"weights": model.state_dict()}, sys.argv[1])
