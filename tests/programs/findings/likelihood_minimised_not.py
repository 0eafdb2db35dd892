"""The negative log-likelihood, a policy gradient weighed by advantages, and an entropy bonus."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

x, y, advantages = torch.randn(64, 6), torch.randint(0, 4, (64,)), torch.randn(64)
model = nn.Linear(6, 4)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(8):
    told = F.log_softmax(model(x), 1)
    chosen = told.gather(1, y[:, None]).squeeze(1)
    policy = torch.distributions.Categorical(logits=model(x))
    loss = -chosen.mean() + 0.1 * (chosen * advantages).mean() + 0.01 * (told.exp() * told).sum(1).mean()
    loss = loss - 0.01 * policy.log_prob(y).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
