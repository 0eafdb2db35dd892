"""A torch.amp.GradScaler("cpu"); the second batch has an outlier, its scaled gradient is inf and the step is skipped.

The losses of the log are those before scaling, its gradients are as .grad has them after backward (scaled).

Phases: f b u f b f b u f b u
"""

import sys

import torch
from torch import nn

torch.manual_seed(19)
log = {"losses": [], "grads": [], "scales": []}

model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
scaler = torch.amp.GradScaler("cpu", init_scale=65536.0)

for step in range(4):
    x = torch.randn(10, 4)
    y = x.sum(dim=1, keepdim=True)
    if step == 1:
        x[3] = 1e36  # a broken sensor
    optimizer.zero_grad()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        prediction = model(x)
    loss = nn.functional.l1_loss(prediction.float(), y)
    scaler.scale(loss).backward()
    log["losses"].append(loss.item())
    log["grads"].append({name: p.grad.clone() for name, p in model.named_parameters()})
    scaler.unscale_(optimizer)
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    scaler.step(optimizer)
    scaler.update()
    log["scales"].append(scaler.get_scale())
    print(step, loss.item(), scaler.get_scale())

if len(sys.argv) > 1:
    torch.save(log | {"weights": model.state_dict()}, sys.argv[1])
