"""Deep Q-learning on a walk: a replay memory, a target net that is copied now and then."""

import copy
import random
from collections import deque

import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)
torch.manual_seed(0)
random.seed(0)


class QNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU())
        self.value = nn.Linear(32, 2)

    def forward(self, states):
        return self.value(self.features(states))


def observe(place):
    return torch.tensor([place / 8, 1.0 if place < 4 else 0.0, 1.0])


policy = QNet()
target = copy.deepcopy(policy)
optimizer = torch.optim.Adam(policy.parameters(), lr=2e-3)
memory = deque(maxlen=200)
place, updates = 4, 0

for step in range(60):
    with torch.no_grad():
        greedy = policy(observe(place)).argmax().item()
    action = random.randrange(2) if random.random() < 0.3 else greedy
    following = max(0, min(8, place + (1 if action else -1)))
    reward, done = (1.0, True) if following == 8 else (-0.05, following == 0)
    memory.append((observe(place), action, reward, observe(following), float(done)))
    place = 4 if done else following
    if len(memory) < 32:
        continue

    states, actions, rewards, next_states, dones = zip(*random.sample(memory, 16))
    actions, rewards, dones = torch.tensor(actions), torch.tensor(rewards), torch.tensor(dones)
    values = policy(torch.stack(states)).gather(1, actions.unsqueeze(1)).squeeze(1)
    with torch.no_grad():
        best = target(torch.stack(next_states)).max(dim=1).values
    goals = rewards + 0.95 * (1 - dones) * best
    loss = F.smooth_l1_loss(values, goals)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_value_(policy.parameters(), 1.0)
    optimizer.step()
    updates += 1
    if updates % 5 == 0:
        target.load_state_dict(policy.state_dict())
        print(updates, loss.item())
