"""A queue of keys from a slow encoder, logits of one positive and many negatives, labels all zero."""

import copy

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
query = nn.Sequential(nn.Linear(10, 24), nn.BatchNorm1d(24), nn.ReLU(), nn.Linear(24, 8))
key = copy.deepcopy(query)
for p in key.parameters():
    p.requires_grad = False
queue = F.normalize(torch.randn(8, 64), dim=0)
optimizer = torch.optim.SGD(query.parameters(), lr=0.03, momentum=0.9, weight_decay=1e-4)
data = torch.randn(200, 10)
for step in range(50):
    x = data[torch.randint(0, 200, (16,))]
    q = F.normalize(query(x + 0.1 * torch.randn_like(x)), dim=1)
    with torch.no_grad():
        for slow, fast in zip(key.parameters(), query.parameters()):
            slow.mul_(0.99).add_(fast, alpha=0.01)
        k = F.normalize(key(x + 0.1 * torch.randn_like(x)), dim=1)
    positive = torch.einsum("nc,nc->n", q, k).unsqueeze(-1)
    negative = q @ queue.clone().detach()
    logits = torch.cat([positive, negative], 1) / 0.2
    loss = F.cross_entropy(logits, torch.zeros(16, dtype=torch.long))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    queue = torch.cat([k.T, queue[:, :-16]], 1)
