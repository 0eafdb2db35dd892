"""An LSTM that foretells a series: its state goes on from piece to piece, gradients end at each."""

import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)
torch.manual_seed(0)
phases = torch.rand(16, 1) * 6
series = torch.sin(torch.arange(100) * 0.3 + phases) + 0.05 * torch.randn(16, 100)


class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, 16, batch_first=True)
        self.mix = nn.Linear(16, 16)
        self.out = nn.Linear(16, 1)

    def forward(self, x, state):
        hidden, state = self.lstm(x, state)
        mixed = torch.tanh(self.mix(hidden[:, -1]))
        return self.out(mixed).squeeze(-1), state


model = Forecaster()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.4)

for epoch in range(4):
    state = None
    running_loss = 0.0
    for start in range(0, 96, 12):
        x = series[:, start : start + 12].unsqueeze(-1)
        y = series[:, start + 12]
        prediction, state = model(x, state)
        state = tuple(part.detach() for part in state)
        loss = F.mse_loss(prediction, y)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=0.5)
        optimizer.step()
        running_loss += loss.item()
    scheduler.step()
    print(epoch, running_loss / 8)
