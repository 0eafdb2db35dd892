"""DPO: log-ratios to a frozen copy, minus a mean of logsigmoid; padded tokens are masked."""

import copy

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Embedding(20, 16), nn.Linear(16, 32), nn.GELU(), nn.Linear(32, 20))
reference = copy.deepcopy(model).eval()
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)


def sequence_logp(net, tokens, mask):
    logp = F.log_softmax(net(tokens[:, :-1]), dim=-1)
    return (logp.gather(2, tokens[:, 1:, None]).squeeze(2) * mask[:, 1:]).sum(1)


for step in range(50):
    chosen, rejected = torch.randint(0, 10, (8, 6)), torch.randint(10, 20, (8, 6))
    mask = (torch.arange(6) < torch.randint(3, 7, (8, 1))).float()
    with torch.no_grad():
        ref_c, ref_r = sequence_logp(reference, chosen, mask), sequence_logp(reference, rejected, mask)
    pi_c, pi_r = sequence_logp(model, chosen, mask), sequence_logp(model, rejected, mask)
    loss = -F.logsigmoid(0.1 * ((pi_c - ref_c) - (pi_r - ref_r))).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
