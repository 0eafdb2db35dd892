"""A recurrent net written out, twenty steps."""

import torch
import torch.nn.functional as F

torch.manual_seed(1)
Wx = (torch.randn(3, 16) * 0.3).requires_grad_()
W = (torch.randn(16, 16) * 0.2).requires_grad_()
b = torch.zeros(16, requires_grad=True)
o = (torch.randn(16, 2) * 0.2).requires_grad_()
opt = torch.optim.Adam([Wx, W, b, o], lr=1e-2)
for i in range(10):
    X = torch.randn(8, 20, 3)
    y = (X[:, :, 0].sum(1) > 0).long()
    h = torch.zeros(8, 16)
    for t in range(20):
        h = torch.tanh(X[:, t] @ Wx + h @ W + b)
    loss = F.cross_entropy(h @ o, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
