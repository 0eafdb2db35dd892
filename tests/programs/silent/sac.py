"""Soft actor-critic: twin critics, target nets that follow slowly, a learned temperature, three optimizers."""

import copy

import torch
import torch.nn.functional as F
from torch import nn
from torch.distributions import Normal

torch.manual_seed(0)


def mlp(i, o):
    return nn.Sequential(nn.Linear(i, 32), nn.ReLU(), nn.Linear(32, o))


actor, q1, q2 = mlp(3, 2), mlp(4, 1), mlp(4, 1)
q1_target, q2_target = copy.deepcopy(q1), copy.deepcopy(q2)
for p in [*q1_target.parameters(), *q2_target.parameters()]:
    p.requires_grad = False
log_alpha = torch.zeros(1, requires_grad=True)
actor_opt = torch.optim.Adam(actor.parameters(), lr=1e-3)
critic_opt = torch.optim.Adam([*q1.parameters(), *q2.parameters()], lr=1e-3)
alpha_opt = torch.optim.Adam([log_alpha], lr=1e-3)


def sample(obs):
    mu, log_std = actor(obs).chunk(2, dim=-1)
    dist = Normal(mu, log_std.clamp(-5, 2).exp())
    u = dist.rsample()
    a = torch.tanh(u)
    logp = dist.log_prob(u) - torch.log(1 - a.pow(2) + 1e-6)
    return a, logp.sum(-1, keepdim=True)


for step in range(50):
    obs, next_obs = torch.randn(32, 3), torch.randn(32, 3)
    act, rew = torch.rand(32, 1) * 2 - 1, torch.randn(32, 1)
    with torch.no_grad():
        next_act, next_logp = sample(next_obs)
        both = torch.cat([next_obs, next_act], 1)
        target_q = torch.min(q1_target(both), q2_target(both)) - log_alpha.exp() * next_logp
        backup = rew + 0.99 * target_q
    sa = torch.cat([obs, act], 1)
    critic_loss = F.mse_loss(q1(sa), backup) + F.mse_loss(q2(sa), backup)
    critic_opt.zero_grad()
    critic_loss.backward()
    critic_opt.step()

    new_act, logp = sample(obs)
    pair = torch.cat([obs, new_act], 1)
    actor_loss = (log_alpha.exp().detach() * logp - torch.min(q1(pair), q2(pair))).mean()
    actor_opt.zero_grad()
    actor_loss.backward()
    actor_opt.step()

    alpha_loss = -(log_alpha * (logp - 1.0).detach()).mean()
    alpha_opt.zero_grad()
    alpha_loss.backward()
    alpha_opt.step()
    with torch.no_grad():
        for net, slow in ((q1, q1_target), (q2, q2_target)):
            for p, t in zip(net.parameters(), slow.parameters()):
                t.mul_(0.995).add_(0.005 * p)
