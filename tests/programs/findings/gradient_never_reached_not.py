"""The encoder is trained with the head."""

import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(40, 6)
y = X.sum(1, keepdim=True)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(6, 12)
        self.head = nn.Linear(12, 1)

    def forward(self, x):
        features = torch.tanh(self.encoder(x))
        return self.head(features)


model = Model()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for step in range(5):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(X), y)
    loss.backward()
    optimizer.step()
