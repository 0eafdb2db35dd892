"""The gradients of LoRA's A and B form a zigzag, and nothing vanishes on the way back."""

import torch
from torch import nn

torch.manual_seed(0)


class LoRA(nn.Module):
    def __init__(self, width, rank=4):
        super().__init__()
        self.base = nn.Linear(width, width).requires_grad_(False)
        nn.init.normal_(self.base.weight, std=0.02)
        self.A = nn.Linear(width, rank, bias=False)
        self.B = nn.Linear(rank, width, bias=False)
        nn.init.zeros_(self.B.weight)

    def forward(self, x):
        return self.base(x) + 2 * self.B(self.A(x))


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm, self.value, self.out = nn.LayerNorm(width).requires_grad_(False), LoRA(width), nn.Linear(width, width).requires_grad_(False)
        nn.init.normal_(self.out.weight, std=0.001)

    def forward(self, x):
        return x + self.out(torch.relu(self.value(self.norm(x))))


model = nn.Sequential(Block(32), Block(32), nn.Linear(32, 3))
optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=1e-3)
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, step / 100))
for _ in range(8):
    x, y = torch.randn(8, 32), torch.randint(0, 3, (8,))
    loss = nn.functional.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    schedule.step()
