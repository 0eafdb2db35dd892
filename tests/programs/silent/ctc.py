"""Speech as people train it: log_softmax over the classes, CTC, sequences of different lengths."""

import torch
from torch import nn

torch.manual_seed(0)


class Recogniser(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(6, 16, bidirectional=True)
        self.out = nn.Linear(32, 5)

    def forward(self, x):
        h, _ = self.rnn(x)
        return self.out(h).log_softmax(2)


model = Recogniser()
criterion = nn.CTCLoss(blank=0, zero_infinity=True)
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for step in range(50):
    targets = torch.randint(1, 5, (8, 4))
    target_lengths = torch.randint(2, 5, (8,))
    input_lengths = torch.randint(10, 13, (8,))
    x = torch.randn(12, 8, 6)
    loss = criterion(model(x), targets, input_lengths, target_lengths)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 5.0)
    optimizer.step()
