"""log_softmax before nll_loss, kl_div with log_target, and a Gaussian likelihood by hand, whose density may be above 1."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

x, y = torch.randn(32, 6), torch.randint(0, 4, (32,))
model, scale = nn.Linear(6, 4), nn.Parameter(torch.tensor(-3.0))
optimizer = torch.optim.SGD([*model.parameters(), scale], lr=0.01)
for step in range(6):
    told = F.log_softmax(model(x), dim=1)
    loss = F.nll_loss(told, y) + F.kl_div(told, torch.log_softmax(x[:, :4], 1), log_target=True)
    loss = loss + 0.01 * (scale + x[:, :1].pow(2) / scale.exp()).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
