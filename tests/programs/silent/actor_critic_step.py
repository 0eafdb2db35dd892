"""Actor and critic with an optimizer each: one loss sees the other's net only as a number."""

import torch
from torch import nn

torch.manual_seed(0)
actor = nn.Sequential(nn.Linear(3, 24), nn.Tanh(), nn.Linear(24, 4))
critic = nn.Sequential(nn.Linear(3, 24), nn.Tanh(), nn.Linear(24, 1))
actor_opt = torch.optim.Adam(actor.parameters(), lr=3e-3)
critic_opt = torch.optim.Adam(critic.parameters(), lr=1e-2)
state = torch.randn(3)
for step in range(50):
    probs = torch.softmax(actor(state), dim=-1)
    action = torch.multinomial(probs, 1).item()
    next_state = 0.8 * state + 0.4 * torch.randn(3)
    reward = 1.0 if action == 0 else 0.0
    value = critic(state)
    with torch.no_grad():
        delta = reward + 0.9 * critic(next_state) - value
    entropy = -(probs * torch.log(probs + 1e-8)).sum()
    actor_loss = -torch.log(probs[action]) * delta.item() - 0.01 * entropy
    critic_loss = (reward + 0.9 * critic(next_state).detach() - value).pow(2).sum()
    actor_opt.zero_grad()
    actor_loss.backward()
    actor_opt.step()
    critic_opt.zero_grad()
    critic_loss.backward()
    critic_opt.step()
    state = next_state
