"""A layer that turns gradients round on purpose: features by which domains cannot be told apart."""

import torch
from torch import nn


class GradReverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, lambd):
        ctx.lambd = lambd
        return x.view_as(x)

    @staticmethod
    def backward(ctx, grad_output):
        return -ctx.lambd * grad_output, None


torch.manual_seed(0)
features = nn.Sequential(nn.Linear(6, 24), nn.ReLU())
label_head, domain_head = nn.Linear(24, 2), nn.Linear(24, 2)
modules = nn.ModuleList([features, label_head, domain_head])
opt = torch.optim.Adam(modules.parameters(), lr=2e-3)
ce = nn.CrossEntropyLoss()
for step in range(50):
    source, target = torch.randn(16, 6), torch.randn(16, 6) + 0.5
    labels = (source[:, 0] > 0).long()
    f_s, f_t = features(source), features(target)
    domains = domain_head(GradReverse.apply(torch.cat([f_s, f_t]), 0.1))
    domain_labels = torch.cat([torch.zeros(16), torch.ones(16)]).long()
    loss = ce(label_head(f_s), labels) + ce(domains, domain_labels)
    opt.zero_grad()
    loss.backward()
    opt.step()
