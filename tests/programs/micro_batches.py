"""Gradient accumulation: four micro-batches an update, as for a model that would not fit otherwise.

Phases: f b f b f b f b u f b f b f b f b u f b f b f b f b u
"""

import sys

import torch
from torch import nn

torch.manual_seed(7)
log = {"losses": [], "grads": []}

inputs = torch.randn(12, 8, 6)
targets = torch.randint(0, 3, (12, 8))

model = nn.Sequential(nn.Linear(6, 16), nn.GELU(), nn.Linear(16, 3))
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
accumulate = 4

optimizer.zero_grad()
for i, (x, y) in enumerate(zip(inputs, targets)):
    loss = nn.functional.cross_entropy(model(x), y) / accumulate
    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append({name: p.grad.clone() for name, p in model.named_parameters()})
    if (i + 1) % accumulate == 0:
        optimizer.step()
        optimizer.zero_grad()
        print(f"update {(i + 1) // accumulate}: last micro-batch {loss.item() * accumulate:.4f}")

if len(sys.argv) > 1:
    torch.save(log | {"weights": model.state_dict()}, sys.argv[1])
