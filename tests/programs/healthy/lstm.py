"""An embedding, most of whose rows are never used, and an LSTM; Adam."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)


class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(50, 16)
        self.r = nn.LSTM(16, 32, 2, batch_first=True)
        self.o = nn.Linear(32, 2)

    def forward(self, x):
        return self.o(self.r(self.e(x))[0][:, -1])


model = M()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for it in range(50):
    x = torch.randint(0, 20, (8, 12))
    y = x.sum(1) % 2
    opt.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    opt.step()
