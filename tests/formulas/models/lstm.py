"""Two networks for the next value of a wave: PyTorch's LSTM, and one written out gate by gate."""

import torch
from torch import nn

torch.manual_seed(1)
HIDDEN = 12


class Ready(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, HIDDEN, batch_first=True)
        self.head = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        out, (h, c) = self.lstm(x)
        return self.head(out[:, -1])


class ByHand(nn.Module):
    def __init__(self):
        super().__init__()
        self.w_x = nn.Parameter(torch.randn(1, 4 * HIDDEN) * 0.3)
        self.w_h = nn.Parameter(torch.randn(HIDDEN, 4 * HIDDEN) * 0.3)
        self.b = nn.Parameter(torch.zeros(4 * HIDDEN))
        self.head = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        h, c = torch.zeros(len(x), HIDDEN), torch.zeros(len(x), HIDDEN)
        for t in range(x.shape[1]):
            gates = x[:, t] @ self.w_x + h @ self.w_h + self.b
            i, f, g, o = gates.chunk(4, dim=1)
            i, f, o = torch.sigmoid(i), torch.sigmoid(f + 1), torch.sigmoid(o)
            c = f * c + i * torch.tanh(g)
            h = o * torch.tanh(c)
        return self.head(h)


class WithCell(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.LSTMCell(1, HIDDEN)
        self.head = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        state = torch.zeros(len(x), HIDDEN), torch.zeros(len(x), HIDDEN)
        for part in x.unbind(1):
            state = self.cell(part, state)
        return self.head(state[0])


time = torch.arange(40.0)
wave = torch.sin(time / 3) + 0.5 * torch.sin(time)
x = torch.stack([wave[i : i + 10] for i in range(24)]).unsqueeze(-1)
y = torch.stack([wave[i + 10] for i in range(24)]).unsqueeze(-1)
for model in (Ready(), ByHand(), WithCell()):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for step in range(2):
        loss = ((model(x) - y) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
