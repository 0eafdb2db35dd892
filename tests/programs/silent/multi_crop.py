"""Self-distillation: a teacher that follows, centred and sharpened outputs, a last layer frozen for a while."""

import copy
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(12, 64), nn.GELU(), nn.Linear(64, 32))
        self.last = nn.utils.parametrizations.weight_norm(nn.Linear(32, 64, bias=False))
        self.last.parametrizations.weight.original0.data.fill_(1)
        self.last.parametrizations.weight.original0.requires_grad_(False)

    def forward(self, x):
        return self.last(F.normalize(self.body(x), dim=1))


s, t = Net(), Net()
t.load_state_dict(s.state_dict())
for p in t.parameters():
    p.requires_grad = False
opt = torch.optim.AdamW([p for p in s.parameters() if p.requires_grad], lr=1e-3)
center = torch.zeros(1, 64)
for step in range(50):
    x = torch.randn(32, 12)
    views = [x + 0.2 * torch.randn_like(x) for _ in range(4)]
    with torch.no_grad():
        teach = [t(v) for v in views[:2]]
    loss, n = 0.0, 0
    for i, a in enumerate(teach):
        q = ((a - center) / 0.04).softmax(1)
        for j, v in enumerate(views):
            if i == j:
                continue
            loss = loss - (q * F.log_softmax(s(v) / 0.1, 1)).sum(1).mean()
            n += 1
    loss = loss / n
    opt.zero_grad()
    loss.backward()
    if step < 10:
        for name, p in s.named_parameters():
            if "last" in name:
                p.grad = None
    opt.step()
    with torch.no_grad():
        for a, b in zip(t.parameters(), s.parameters()):
            a.mul_(0.98).add_(b, alpha=0.02)
        center = 0.9 * center + 0.1 * torch.cat(teach).mean(0, keepdim=True)
