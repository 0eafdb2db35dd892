"""log_softmax over the last dimension, then turned so that the classes are the second one, as nll_loss wants them."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
embed, rnn, out = nn.Embedding(9, 12), nn.GRU(12, 16), nn.Linear(16, 9)
modules = nn.ModuleList([embed, rnn, out])
opt = torch.optim.Adam(modules.parameters(), lr=5e-3)
for it in range(50):
    seq = (torch.randint(0, 9, (1, 8)) + 2 * torch.arange(7)[:, None]) % 9
    h, _ = rnn(embed(seq[:-1]))
    log_p = F.log_softmax(out(h), dim=2)
    loss = F.nll_loss(log_p.permute(1, 2, 0), seq[1:].t())
    same = F.nll_loss(log_p.view(-1, 9), seq[1:].reshape(-1))
    one = F.nll_loss(F.log_softmax(out(h[0, 0]), dim=0), seq[1, 0])
    opt.zero_grad()
    ((loss + same) / 2 + 0.01 * one).backward()
    opt.step()
