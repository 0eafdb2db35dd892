"""A sharpness-aware step as a loop over its two passes: the first one's gradients move the weights and are cleared."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 3))
params = list(model.parameters())
optimizer = torch.optim.SGD(params, lr=0.05)
X = torch.randn(256, 6)
Y = X[:, :3].argmax(1)
for step in range(50):
    rows = torch.randint(0, 256, (32,))
    for ascent in (True, False):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(X[rows]), Y[rows])
        loss.backward()
        with torch.no_grad():
            if ascent:
                norm = torch.stack([p.grad.norm() for p in params]).norm() + 1e-12
                moved = [0.05 * p.grad / norm for p in params]
            for p, e in zip(params, moved):
                p.add_(e if ascent else -e)
    optimizer.step()
