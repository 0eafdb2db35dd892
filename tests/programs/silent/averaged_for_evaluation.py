"""Averaged weights are put into the model for its evaluation, and the trained ones back after it."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(5, 24), nn.ReLU(), nn.Linear(24, 1))
optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
shadow = {name: p.detach().clone() for name, p in model.named_parameters()}
X = torch.randn(200, 5)
Y = torch.sin(X).sum(1, keepdim=True)
for step in range(50):
    model.train()
    rows = torch.randint(0, 160, (20,))
    loss = nn.functional.mse_loss(model(X[rows]), Y[rows])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    for name, p in model.named_parameters():
        shadow[name].mul_(0.9).add_(p.detach(), alpha=0.1)
    if step % 10 == 9:
        kept = {name: p.detach().clone() for name, p in model.named_parameters()}
        model.load_state_dict(shadow, strict=False)
        model.eval()
        with torch.no_grad():
            print(step, nn.functional.mse_loss(model(X[160:]), Y[160:]).item())
        model.load_state_dict(kept, strict=False)
