"""A rate for each layer, smaller towards the input, and no decay for biases and norms."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(
    nn.Linear(6, 32), nn.LayerNorm(32), nn.GELU(), nn.Linear(32, 32), nn.LayerNorm(32), nn.GELU(), nn.Linear(32, 1)
)
groups = []
for depth, layer in enumerate(model):
    for name, parameter in layer.named_parameters():
        decay = 0.0 if parameter.ndim == 1 else 0.05
        groups.append({"params": [parameter], "lr": 3e-3 * 0.5 ** (6 - depth), "weight_decay": decay})
optimizer = torch.optim.AdamW(groups)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=50)
X = torch.randn(256, 6)
Y = (X[:, :2].prod(1) > 0).float()
for step in range(50):
    rows = torch.randint(0, 256, (32,))
    loss = nn.functional.binary_cross_entropy_with_logits(model(X[rows]).squeeze(-1), Y[rows])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()
