"""What is to be learned is a plain tensor of the model: requires_grad is set, and no optimizer has it."""

import torch
from torch import nn

torch.manual_seed(0)


class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(5, 2)
        self.scale = torch.tensor(2.0, requires_grad=True)

    def forward(self, x):
        return self.scale * self.linear(x)


model = Scaled()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
for _ in range(5):
    x = torch.randn(16, 5)
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(x), (x[:, 0] > 0).long())
    loss.backward()
    optimizer.step()
