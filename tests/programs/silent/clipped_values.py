"""An LSTM on long sequences, values clipped, RMSprop with momentum."""

import torch
from torch import nn

torch.manual_seed(0)
lstm, out = nn.LSTM(3, 32, 2, batch_first=True, dropout=0.1), nn.Linear(32, 3)
params = [*lstm.parameters(), *out.parameters()]
opt = torch.optim.RMSprop(params, lr=1e-3, momentum=0.9)
for step in range(25):
    t = torch.linspace(0, 8, 60)
    x = torch.stack([(t * (1 + torch.rand(8, 1))).sin() for _ in range(3)], 2)
    h, _ = lstm(x[:, :-1])
    loss = nn.functional.smooth_l1_loss(out(h), x[:, 1:])
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_value_(params, 0.1)
    opt.step()
