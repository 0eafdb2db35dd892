"""bfloat16 autocast on the cpu: the matmuls in half precision, the loss in float32.

Phases: f b u f b u f b u f b u
"""

import sys

import torch
from torch import nn

torch.manual_seed(18)
log = {"losses": [], "grads": []}

x = torch.randn(16, 10)
y = torch.randint(0, 4, (16,))
model = nn.Sequential(nn.Linear(10, 20), nn.ReLU(), nn.Linear(20, 4))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)

for step in range(4):
    optimizer.zero_grad(set_to_none=True)
    with torch.autocast(device_type="cpu", dtype=torch.bfloat16):
        logits = model(x)
        loss = nn.functional.cross_entropy(logits, y)
    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append({name: p.grad.clone() for name, p in model.named_parameters()})
    optimizer.step()
    print(step, logits.dtype, loss.dtype, loss.item())

if len(sys.argv) > 1:
    torch.save(log | {"weights": model.state_dict()}, sys.argv[1])
