"""Evaluation between iterations, under no_grad and under inference_mode, as statement and as decorator: no phases.

Phases: f b u f b u f b u f b u
"""

import sys

import torch
from torch import nn

torch.manual_seed(24)
log = {"losses": [], "grads": [], "evaluations": []}

x, y = torch.randn(16, 5), torch.randint(0, 3, (16,))
x_val, y_val = torch.randn(40, 8, 5), torch.randint(0, 3, (40, 8))
model = nn.Sequential(nn.Linear(5, 12), nn.ReLU(), nn.Dropout(0.5), nn.Linear(12, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
criterion = nn.CrossEntropyLoss()


@torch.inference_mode()
def accuracy():
    model.eval()
    hits = sum((model(inputs).argmax(1) == labels).sum().item() for inputs, labels in zip(x_val, y_val))
    model.train()
    return hits / y_val.numel()


for epoch in range(4):
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append({name: p.grad.clone() for name, p in model.named_parameters()})
    optimizer.step()

    model.eval()
    val_loss = 0.0
    with torch.no_grad():
        for inputs, labels in zip(x_val, y_val):
            val_loss += criterion(model(inputs), labels).item()
    model.train()
    log["evaluations"].append((val_loss, accuracy()))
    print(epoch, loss.item(), val_loss / len(x_val), log["evaluations"][-1][1])

if len(sys.argv) > 1:
    torch.save(log | {"weights": model.state_dict()}, sys.argv[1])
