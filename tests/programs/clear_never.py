"""Gradients never cleared: an optimizer, a full batch, and no zero_grad().

Phases: f b u f b u f b u f b u
"""

import sys

import torch
from torch import nn

torch.manual_seed(4)
log = {"losses": [], "grads": []}

x = torch.randn(12, 5)
y = x.sum(dim=1, keepdim=True).sin()

model = nn.Sequential(nn.Linear(5, 7), nn.Tanh(), nn.Linear(7, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
criterion = nn.MSELoss()

for epoch in range(4):
    output = model(x)
    loss = criterion(output, y)
    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append({name: p.grad.clone() for name, p in model.named_parameters()})
    optimizer.step()
    print(f"epoch {epoch}: {loss.item():.4f}")

if len(sys.argv) > 1:
    torch.save(log | {"weights": model.state_dict()}, sys.argv[1])
