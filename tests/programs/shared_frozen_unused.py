"""Shared parameters (tied embedding), a frozen layer, and a head that is never used though the optimizer has it.

Phases: f b u f b u f b u f b u
"""

import sys

import torch
from torch import nn

torch.manual_seed(16)
log = {"losses": [], "grads": []}


class TinyLM(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(11, 8)
        self.frozen = nn.Linear(8, 8)
        self.frozen.requires_grad_(False)
        self.mix = nn.Linear(8, 8)
        self.unused = nn.Linear(8, 3)
        self.decode = nn.Linear(8, 11, bias=False)
        self.decode.weight = self.embed.weight

    def forward(self, tokens):
        hidden = self.embed(tokens)
        hidden = torch.tanh(self.frozen(hidden))
        return self.decode(self.mix(hidden))


model = TinyLM()
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.01)
tokens = torch.randint(0, 11, (2, 7))

for step in range(4):
    logits = model(tokens[:, :-1])
    loss = nn.functional.cross_entropy(logits.reshape(-1, 11), tokens[:, 1:].reshape(-1))
    optimizer.zero_grad()
    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append({name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None})
    optimizer.step()
    print(step, loss.item())

if len(sys.argv) > 1:
    torch.save(log | {"weights": model.state_dict()}, sys.argv[1])
