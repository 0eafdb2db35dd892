"""BYOL: a target net that is an average of the online one, no negatives, gradients stop at the target."""

import copy

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
online = nn.Sequential(nn.Linear(10, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 16))
predictor = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 16))
target = copy.deepcopy(online).requires_grad_(False)
optimizer = torch.optim.SGD([*online.parameters(), *predictor.parameters()], lr=0.05, momentum=0.9)
data = torch.randn(256, 10)


def distance(p, z):
    return 2 - 2 * F.cosine_similarity(p, z.detach(), dim=-1).mean()


for step in range(50):
    x = data[torch.randint(0, 256, (32,))]
    a, b = x + 0.2 * torch.randn_like(x), x + 0.2 * torch.randn_like(x)
    loss = distance(predictor(online(a)), target(b)) + distance(predictor(online(b)), target(a))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    for slow, fast in zip(target.parameters(), online.parameters()):
        slow.data = 0.99 * slow.data + 0.01 * fast.data
