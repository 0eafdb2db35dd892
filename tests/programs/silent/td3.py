"""Twin critics, delayed actor, smoothed targets; none of the slow nets is frozen."""

import copy
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
mlp = lambda i, o: nn.Sequential(nn.Linear(i, 32), nn.ReLU(), nn.Linear(32, o))
actor, q1, q2 = mlp(3, 2), mlp(5, 1), mlp(5, 1)
actor_t, q1_t, q2_t = map(copy.deepcopy, (actor, q1, q2))
actor_opt = torch.optim.Adam(actor.parameters(), lr=1e-3)
critic_opt = torch.optim.Adam([*q1.parameters(), *q2.parameters()], lr=1e-3)
memory = [(torch.randn(3), torch.randn(2).clamp(-1, 1)) for _ in range(300)]
for step in range(60):
    rows = torch.randint(0, 300, (32,))
    s = torch.stack([memory[i][0] for i in rows])
    a = torch.stack([memory[i][1] for i in rows])
    r = -(s[:, :2] + a).pow(2).sum(1, keepdim=True)
    s2 = s + 0.1 * torch.randn_like(s)
    with torch.no_grad():
        noise = (0.2 * torch.randn_like(a)).clamp(-0.5, 0.5)
        a2 = (torch.tanh(actor_t(s2)) + noise).clamp(-1, 1)
        x2 = torch.cat([s2, a2], 1)
        y = r + 0.95 * torch.min(q1_t(x2), q2_t(x2))
    x = torch.cat([s, a], 1)
    critic_loss = F.mse_loss(q1(x), y) + F.mse_loss(q2(x), y)
    critic_opt.zero_grad()
    critic_loss.backward()
    critic_opt.step()
    if step % 2 == 1:
        actor_loss = -q1(torch.cat([s, torch.tanh(actor(s))], 1)).mean()
        actor_opt.zero_grad()
        actor_loss.backward()
        actor_opt.step()
        for net, slow in ((actor, actor_t), (q1, q1_t), (q2, q2_t)):
            for p, t in zip(net.parameters(), slow.parameters()):
                t.data.copy_(0.995 * t.data + 0.005 * p.data)
