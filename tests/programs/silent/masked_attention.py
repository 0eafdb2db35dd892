"""A transformer's encoder by torch's own layers: a causal mask of -inf, padded places, a loss without them."""

import torch
from torch import nn

torch.manual_seed(0)


class Model(nn.Module):
    def __init__(self, vocab=12, d=16, length=8):
        super().__init__()
        self.embed = nn.Embedding(vocab, d)
        self.pos = nn.Embedding(length, d)
        layer = nn.TransformerEncoderLayer(d, 2, 32, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2)
        self.head = nn.Linear(d, vocab)

    def forward(self, tokens, pad):
        length = tokens.shape[1]
        mask = nn.Transformer.generate_square_subsequent_mask(length)
        padding = torch.zeros_like(pad, dtype=torch.float).masked_fill(pad, float("-inf"))
        x = self.embed(tokens) + self.pos(torch.arange(length))
        return self.head(self.encoder(x, mask=mask, src_key_padding_mask=padding, is_causal=True))


model = Model()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
criterion = nn.CrossEntropyLoss(reduction="none")
for step in range(50):
    start = torch.randint(0, 12, (6, 1))
    seq = (start + 2 * torch.arange(9)) % 12
    pad = torch.arange(8) >= torch.randint(3, 9, (6, 1))
    logits = model(seq[:, :-1], pad)
    each = criterion(logits.transpose(1, 2), seq[:, 1:])
    loss = (each * ~pad).sum() / (~pad).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
