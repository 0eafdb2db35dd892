"""As many waves as points: frequencies (N, 1) times times (N,) is a table on purpose, summed over the waves."""

import torch
from torch import nn

torch.manual_seed(0)
N = 16
t = torch.linspace(0, 1, N)
signal = torch.sin(7 * t) + 0.5 * torch.cos(15 * t)
frequency = nn.Parameter(torch.rand(N, 1) * 20)
phase = nn.Parameter(torch.zeros(N, 1))
amplitude = nn.Parameter(torch.randn(N, 1) * 0.1)
optimizer = torch.optim.Adam([frequency, phase, amplitude], lr=0.004)
for it in range(50):
    waves = amplitude * torch.sin(frequency * t + phase)
    loss = ((waves.sum(0) - signal) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
