"""A likelihood that is maximised: maximize=True goes up the slope of a mean of log_prob."""

import torch
from torch import nn
from torch.distributions import Normal

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3, maximize=True)
X = torch.randn(300, 2)
Y = X[:, 0] + 0.3 * torch.randn(300)
for it in range(50):
    rows = torch.randint(0, 300, (30,))
    mean, log_std = net(X[rows]).unbind(1)
    log_likelihood = Normal(mean, log_std.exp()).log_prob(Y[rows]).mean()
    optimizer.zero_grad()
    log_likelihood.backward()
    optimizer.step()
