"""Answers in groups: advantages from each group's mean and spread, a ratio to old log-probabilities, a KL to a copy."""

import copy

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
policy = nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Linear(24, 5))
reference = copy.deepcopy(policy).requires_grad_(False)
optimizer = torch.optim.AdamW(policy.parameters(), lr=3e-3)
G = 8
for it in range(25):
    prompts = torch.randn(6, 4).repeat_interleave(G, 0)
    with torch.no_grad():
        old = F.log_softmax(policy(prompts), -1)
        actions = torch.multinomial(old.exp(), 1)
        rewards = (actions.squeeze(1) == prompts.argmax(1)).float().view(-1, G)
        adv = ((rewards - rewards.mean(1, keepdim=True)) / (rewards.std(1, keepdim=True) + 1e-4)).view(-1, 1)
        old_logp = old.gather(1, actions)
        ref_logp = F.log_softmax(reference(prompts), -1).gather(1, actions)
    for _ in range(2):
        logp = F.log_softmax(policy(prompts), -1).gather(1, actions)
        ratio = torch.exp(logp - old_logp)
        kl = torch.exp(ref_logp - logp) - (ref_logp - logp) - 1
        loss = -(torch.min(ratio * adv, ratio.clamp(0.8, 1.2) * adv) - 0.04 * kl).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
        optimizer.step()
