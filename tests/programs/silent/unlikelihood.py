"""Cross entropy for what is right, and log(1 - p) for what is not to be said."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Embedding(10, 12), nn.Linear(12, 24), nn.ReLU(), nn.Linear(24, 10))
opt = torch.optim.AdamW(model.parameters(), lr=4e-3)
for step in range(50):
    token = torch.randint(0, 10, (24,))
    good, bad = (token + 1) % 10, token
    log_p = F.log_softmax(model(token), dim=-1)
    likelihood = F.nll_loss(log_p, good)
    p_bad = log_p.gather(1, bad[:, None]).exp()
    unlikelihood = -torch.log((1 - p_bad).clamp_min(1e-5)).mean()
    loss = likelihood + 0.5 * unlikelihood
    opt.zero_grad()
    loss.backward()
    opt.step()
