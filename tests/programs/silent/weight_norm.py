"""Weight norm, a causal conv net, and noise that is added to gradients by hand."""

import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

torch.manual_seed(0)
net = nn.Sequential(
    nn.ConstantPad1d((2, 0), 0.0), weight_norm(nn.Conv1d(1, 8, 3)), nn.ReLU(),
    nn.ConstantPad1d((4, 0), 0.0), weight_norm(nn.Conv1d(8, 8, 3, dilation=2)), nn.ReLU(), nn.Conv1d(8, 1, 1),
)
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
phase = torch.rand(64, 1, 1) * 6
wave = torch.sin(torch.arange(33) * 0.4 + phase)
for step in range(50):
    rows = torch.randint(0, 64, (8,))
    loss = nn.functional.smooth_l1_loss(net(wave[rows, :, :-1]), wave[rows, :, 1:])
    opt.zero_grad()
    loss.backward()
    for p in net.parameters():
        p.grad.add_(torch.randn_like(p.grad), alpha=1e-4)
    opt.step()
