"""nn.Dropout follows the model into eval mode."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)

model = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
x = torch.randn(32, 3)
for step in range(4):
    model.train()
    loss = model(x).pow(2).mean() + F.dropout(model[0](x), 0.1, training=model.training).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    model.eval()
    with torch.no_grad():
        F.dropout(model(x), 0.1, training=model.training)
