"""Two losses on one body, propagated one after the other: the graph is retained for the second."""

import torch
from torch import nn

torch.manual_seed(0)
body, a, b = nn.Sequential(nn.Linear(6, 24), nn.Tanh()), nn.Linear(24, 1), nn.Linear(24, 3)
opt = torch.optim.Adam([*body.parameters(), *a.parameters(), *b.parameters()], lr=3e-3)
X = torch.randn(200, 6)
for it in range(50):
    x = X[torch.randint(0, 200, (20,))]
    h = body(x)
    loss_a = nn.functional.mse_loss(a(h), x[:, :1].sin())
    loss_b = nn.functional.cross_entropy(b(h), x[:, :3].argmax(1))
    opt.zero_grad()
    loss_a.backward(retain_graph=True)
    loss_b.backward()
    opt.step()
    total = loss_a + loss_b
    if it % 10 == 9:
        print(it, total.item())
