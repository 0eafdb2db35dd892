"""XOR with tanh and a sigmoid."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)
model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1), nn.Sigmoid())
X = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]])
y = torch.tensor([[0.0], [1], [1], [0]])
opt = torch.optim.SGD(model.parameters(), lr=1.0, momentum=0.9)
for i in range(100):
    loss = F.mse_loss(model(X), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
