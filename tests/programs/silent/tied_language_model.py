"""A language model whose output layer is its embedding; padding has a row of its own that stays zero."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)


class LM(nn.Module):
    def __init__(self, vocab=20, d=16):
        super().__init__()
        self.embed = nn.Embedding(vocab, d, padding_idx=0)
        self.gru = nn.GRU(d, d, batch_first=True)
        self.decoder = nn.Linear(d, vocab)
        self.decoder.weight = self.embed.weight

    def forward(self, tokens):
        h, _ = self.gru(self.embed(tokens))
        return self.decoder(h)


model = LM()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for step in range(50):
    start = torch.randint(1, 20, (8, 1))
    seq = (start + torch.arange(9) - 1) % 19 + 1
    lengths = torch.randint(4, 10, (8, 1))
    seq = seq.masked_fill(torch.arange(9) >= lengths, 0)
    logits = model(seq[:, :-1])
    loss = F.cross_entropy(logits.reshape(-1, 20), seq[:, 1:].reshape(-1), ignore_index=0)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
