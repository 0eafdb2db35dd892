"""A small GPT: attention with a mask, tied weights, warm-up and cosine, clipping."""

import math

import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)
torch.manual_seed(0)
VOCABULARY, WIDTH, HEADS, LENGTH, STEPS = 16, 24, 2, 10, 30
text = (torch.arange(600) * 3 + torch.randint(0, 2, (600,))) % VOCABULARY


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.register_buffer("mask", torch.tril(torch.ones(LENGTH, LENGTH)) == 0)

    def forward(self, x):
        b, t, c = x.shape
        q, k, v = (part.view(b, t, HEADS, c // HEADS).transpose(1, 2) for part in self.qkv(x).chunk(3, dim=-1))
        scores = q @ k.transpose(-2, -1) / math.sqrt(c // HEADS)
        weights = F.softmax(scores.masked_fill(self.mask[:t, :t], float("-inf")), dim=-1)
        return self.out((weights @ v).transpose(1, 2).reshape(b, t, c))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.attention = Attention()
        self.mlp = nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH), nn.Dropout(0.1))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.token = nn.Embedding(VOCABULARY, WIDTH)
        self.position = nn.Parameter(torch.randn(LENGTH, WIDTH) * 0.02)
        self.blocks = nn.ModuleList([Block(), Block()])
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, VOCABULARY, bias=False)
        nn.init.normal_(self.token.weight, std=0.02)
        self.head.weight = self.token.weight

    def forward(self, tokens):
        x = self.token(tokens) + self.position[: tokens.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


def batch():
    starts = torch.randint(0, len(text) - LENGTH - 1, (8,))
    rows = torch.stack([text[start : start + LENGTH + 1] for start in starts])
    return rows[:, :-1], rows[:, 1:]


def rate(step):
    if step < 5:
        return (step + 1) / 5
    return 0.1 + 0.45 * (1 + math.cos(math.pi * (step - 5) / (STEPS - 5)))


model = GPT()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.1)
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)

for step in range(STEPS):
    model.train()
    tokens, targets = batch()
    logits = model(tokens)
    loss = F.cross_entropy(logits.view(-1, VOCABULARY), targets.reshape(-1))
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    scheduler.step()
    if step % 5 == 4:
        model.eval()
        with torch.no_grad():
            tokens, targets = batch()
            valid = F.cross_entropy(model(tokens).transpose(1, 2), targets)
        print(step, loss.item(), valid.item(), scheduler.get_last_lr()[0])
