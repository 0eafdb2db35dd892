"""WGAN-GP: the critic's loss has a penalty on the gradient of the critic, made by autograd.grad with create_graph.

Two critic updates (f b for the inner gradient, f b for the loss, u), then one of the generator.

Phases: f b f b u f b f b u f b u f b f b u f b f b u f b u
"""

import sys

import torch
from torch import nn

torch.manual_seed(13)
log = {"losses": [], "grads": []}

G = nn.Sequential(nn.Linear(3, 12), nn.ReLU(), nn.Linear(12, 2))
D = nn.Sequential(nn.Linear(2, 12), nn.LeakyReLU(0.2), nn.Linear(12, 1))
opt_G = torch.optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.9))
opt_D = torch.optim.Adam(D.parameters(), lr=1e-3, betas=(0.5, 0.9))


def gradient_penalty(real, fake):
    alpha = torch.rand(real.size(0), 1)
    mixed = (alpha * real + (1 - alpha) * fake).requires_grad_(True)
    scores = D(mixed)
    gradients = torch.autograd.grad(
        outputs=scores, inputs=mixed, grad_outputs=torch.ones_like(scores), create_graph=True, retain_graph=True
    )[0]
    log["losses"].append(None)  # the root is no scalar
    log["grads"].append({"mixed": gradients.detach().clone()})
    return ((gradients.norm(2, dim=1) - 1) ** 2).mean()


for i in range(2):
    for _ in range(2):
        real = torch.randn(10, 2) + 2
        fake = G(torch.randn(10, 3)).detach()
        d_loss = D(fake).mean() - D(real).mean() + 10 * gradient_penalty(real, fake)
        opt_D.zero_grad()
        d_loss.backward()
        log["losses"].append(d_loss.item())
        log["grads"].append({name: p.grad.clone() for name, p in D.named_parameters()})
        opt_D.step()
    g_loss = -D(G(torch.randn(10, 3))).mean()
    opt_G.zero_grad()
    g_loss.backward()
    log["losses"].append(g_loss.item())
    log["grads"].append({name: p.grad.clone() for name, p in G.named_parameters()})
    opt_G.step()
    print(i, d_loss.item(), g_loss.item())

if len(sys.argv) > 1:
    torch.save(log | {"weights": {**G.state_dict(prefix="G."), **D.state_dict(prefix="D.")}}, sys.argv[1])
