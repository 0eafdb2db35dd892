"""Three optimizers and stop-gradients: a model, an actor that learns through it, a critic with a slow copy."""

import copy

import torch
from torch import nn

torch.manual_seed(0)
model, actor, critic = nn.Linear(5, 3), nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 2)), nn.Linear(3, 1)
slow = copy.deepcopy(critic)
model_opt, actor_opt, critic_opt = (torch.optim.Adam(m.parameters(), lr=3e-3) for m in (model, actor, critic))
A = torch.randn(5, 3) * 0.3
for step in range(50):
    s, a = torch.randn(32, 3), torch.randn(32, 2)
    model_loss = nn.functional.mse_loss(model(torch.cat([s, a], 1)), torch.cat([s, a], 1) @ A)
    model_opt.zero_grad()
    model_loss.backward()
    model_opt.step()

    state, states, rewards = s, [], []
    for t in range(3):
        action = torch.tanh(actor(state))
        state = model(torch.cat([state, action], 1))
        states.append(state)
        rewards.append(-state.pow(2).sum(1, keepdim=True))
    value = slow(state)
    for reward in reversed(rewards):
        value = reward + 0.95 * value
    actor_loss = -value.mean()
    actor_opt.zero_grad()
    actor_loss.backward()
    actor_opt.step()

    critic_loss = nn.functional.mse_loss(critic(s), value.detach())
    critic_opt.zero_grad()
    critic_loss.backward()
    critic_opt.step()
    if step % 5 == 0:
        slow.load_state_dict(critic.state_dict())
