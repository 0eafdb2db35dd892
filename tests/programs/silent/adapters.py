"""LoRA in attention: queries and values get adapters, all else is frozen, the head too was trained before."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)


class LoRA(nn.Module):
    def __init__(self, linear, r=2, alpha=4):
        super().__init__()
        self.linear = linear
        self.lora_A = nn.Linear(linear.in_features, r, bias=False)
        self.lora_B = nn.Linear(r, linear.out_features, bias=False)
        nn.init.zeros_(self.lora_B.weight)
        self.scaling, self.dropout = alpha / r, nn.Dropout(0.05)

    def forward(self, x):
        return self.linear(x) + self.lora_B(self.lora_A(self.dropout(x))) * self.scaling


class Layer(nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(d, d) for _ in range(4))
        self.norm = nn.LayerNorm(d)

    def forward(self, x):
        y = self.norm(x)
        return x + self.o(F.scaled_dot_product_attention(self.q(y), self.k(y), self.v(y)))


embed, layers, head = nn.Embedding(20, 16), nn.ModuleList(Layer() for _ in range(2)), nn.Linear(16, 3)
model = nn.ModuleList([embed, layers, head])
model.requires_grad_(False)
for layer in layers:
    layer.q, layer.v = LoRA(layer.q), LoRA(layer.v)
trainable = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(trainable, lr=5e-3)
for step in range(50):
    tokens = torch.randint(0, 20, (8, 6))
    x = embed(tokens)
    for layer in layers:
        x = layer(x)
    loss = F.cross_entropy(head(x.mean(1)), tokens.max(1).values % 3)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
