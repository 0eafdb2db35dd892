"""Mean and variance are foretold; the loss of a good fit is below zero. A mixture of densities beside it."""

import torch
from torch import nn

torch.manual_seed(0)
body = nn.Sequential(nn.Linear(1, 32), nn.Tanh())
mean, variance, mixture = nn.Linear(32, 1), nn.Linear(32, 1), nn.Linear(32, 9)
modules = nn.ModuleList([body, mean, variance, mixture])
criterion = nn.GaussianNLLLoss()
opt = torch.optim.Adam(modules.parameters(), lr=1e-2)
for it in range(50):
    x = torch.rand(64, 1) * 4 - 2
    y = 0.1 * torch.sin(3 * x) + 0.02 * torch.randn_like(x)
    h = body(x)
    nll = criterion(mean(h), y, nn.functional.softplus(variance(h)) + 1e-4)
    logits, mus, log_sigmas = mixture(h).chunk(3, 1)
    log_prob = torch.distributions.Normal(mus, log_sigmas.exp()).log_prob(y)
    mdn = -torch.logsumexp(torch.log_softmax(logits, 1) + log_prob, 1).mean()
    loss = nll + mdn
    opt.zero_grad()
    loss.backward()
    opt.step()
