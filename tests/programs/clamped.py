"""Weights clamped after each step (a WGAN's critic): a further update stop, by hand.

Phases: f b u u f b u u f b u u
"""

import sys

import torch
from torch import nn

torch.manual_seed(31)
log = {"losses": [], "grads": []}

critic = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))
optimizer = torch.optim.RMSprop(critic.parameters(), lr=5e-3)

for step in range(3):
    real = torch.randn(16, 2) + 1
    fake = torch.rand(16, 2)
    loss = critic(fake).mean() - critic(real).mean()
    optimizer.zero_grad()
    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append({name: p.grad.clone() for name, p in critic.named_parameters()})
    optimizer.step()
    for p in critic.parameters():
        p.data.clamp_(-0.1, 0.1)
    print(step, loss.item())

if len(sys.argv) > 1:
    torch.save(log | {"weights": critic.state_dict()}, sys.argv[1])
