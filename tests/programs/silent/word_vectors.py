"""Skip-gram with negative samples: minus the mean of logsigmoid, written as a return of a negative."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)


class SkipGram(nn.Module):
    def __init__(self, vocab=50, d=12):
        super().__init__()
        self.u, self.v = nn.Embedding(vocab, d), nn.Embedding(vocab, d)
        nn.init.uniform_(self.u.weight, -0.5 / d, 0.5 / d)
        nn.init.zeros_(self.v.weight)

    def forward(self, centre, context, negatives):
        u = self.u(centre)
        good = F.logsigmoid((u * self.v(context)).sum(1))
        bad = F.logsigmoid(-torch.bmm(self.v(negatives), u.unsqueeze(2)).squeeze(2)).sum(1)
        return -(good + bad).mean()


model = SkipGram()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
for it in range(50):
    c = torch.randint(0, 50, (64,))
    loss = model(c, (c + torch.randint(1, 3, (64,))) % 50, torch.randint(0, 50, (64, 5)))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
