"""Training for 4 bits: rounded weights forward, straight-through gradients by a detach."""

import torch
from torch import nn

torch.manual_seed(0)


def fake_quantise(w, bits=4):
    scale = w.detach().abs().max() / (2 ** (bits - 1) - 1)
    q = torch.round(w / scale).clamp(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) * scale
    return w + (q - w).detach()


class QLinear(nn.Linear):
    def forward(self, x):
        return nn.functional.linear(x, fake_quantise(self.weight), self.bias)


net = nn.Sequential(QLinear(8, 32), nn.ReLU(), QLinear(32, 3))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
X = torch.randn(200, 8)
Y = X[:, :3].argmax(1)
for it in range(50):
    rows = torch.randint(0, 200, (25,))
    loss = nn.functional.cross_entropy(net(X[rows]), Y[rows])
    opt.zero_grad()
    loss.backward()
    opt.step()
