"""Three models in a plain list, an optimizer each in another; their mean is asked between epochs."""

import torch
from torch import nn

torch.manual_seed(0)
models = [nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 1)) for _ in range(3)]
optimizers = [torch.optim.Adam(m.parameters(), lr=5e-3) for m in models]
X = torch.randn(120, 4)
Y = X[:, :1] * X[:, 1:2]
for it in range(20):
    for model, optimizer in zip(models, optimizers):
        rows = torch.randint(0, 120, (30,))
        loss = nn.functional.mse_loss(model(X[rows]), Y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        spread = torch.stack([m(X) for m in models]).std(0).mean().item()
