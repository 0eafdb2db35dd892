"""An RNN over sequences of different lengths, packed; its first state is a parameter that begins at zero."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

torch.manual_seed(0)


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.h0 = nn.Parameter(torch.zeros(1, 1, 16))
        self.rnn = nn.GRU(4, 16, batch_first=True)
        self.out = nn.Linear(16, 1)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        _, h = self.rnn(packed, self.h0.expand(-1, len(x), -1).contiguous())
        return self.out(h[-1]).squeeze(1)


model = Reader()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for step in range(50):
    lengths = torch.randint(2, 8, (12,))
    x = torch.randn(12, 7, 4)
    y = torch.stack([row[:n, 0].mean() for row, n in zip(x, lengths)])
    loss = nn.functional.l1_loss(model(x, lengths), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
