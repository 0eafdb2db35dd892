"""One cycle of the learning rate over all batches; gradients are measured by clip_grad_norm_ and not clipped."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(160, 5)
y = torch.sin(x).sum(1, keepdim=True)
model = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.05, total_steps=50)
norms = []
for step in range(50):
    rows = torch.randint(0, 160, (32,))
    loss = nn.functional.mse_loss(model(x[rows]), y[rows])
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    norms.append(nn.utils.clip_grad_norm_(model.parameters(), float("inf")).item())
    optimizer.step()
    scheduler.step()
print(sum(norms) / 50)
