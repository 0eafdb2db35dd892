"""Free bits: a KL term below its limit has no gradient; a weight that warms up from zero hides a whole term at first."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
enc, dec = nn.Linear(10, 8), nn.Linear(4, 10)
opt = torch.optim.Adam([*enc.parameters(), *dec.parameters()], lr=5e-3)
data = torch.randn(200, 3) @ torch.randn(3, 10)
for step in range(50):
    x = data[torch.randint(0, 200, (32,))]
    mean, log_var = enc(x).chunk(2, 1)
    z = mean + torch.exp(0.5 * log_var) * torch.randn_like(mean)
    kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var).mean(0)
    beta = min(1.0, max(0.0, (step - 10) / 20))
    loss = F.mse_loss(dec(z), x) + beta * kl.clamp(min=0.1).sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
