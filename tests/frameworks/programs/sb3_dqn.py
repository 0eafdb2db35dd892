"""stable-baselines3: DQN with a features extractor of the program's own, and a target network.

Library: stable_baselines3 gymnasium
Phases: f b u f b u f b u f b u
"""

import sys

import gymnasium as gym
import numpy as np
import torch
from stable_baselines3 import DQN
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from torch import nn


class Extractor(BaseFeaturesExtractor):
    def __init__(self, observation_space, features_dim=8):
        super().__init__(observation_space, features_dim)
        self.embed = nn.Sequential(nn.Linear(observation_space.shape[0], features_dim), nn.Tanh())

    def forward(self, observations):
        return self.embed(observations)  # the loss


class Corridor(gym.Env):
    """Find out which end has the reward."""

    observation_space = gym.spaces.Box(-1, 1, (3,), np.float32)
    action_space = gym.spaces.Discrete(3)

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        return self.np_random.uniform(-1, 1, 3).astype(np.float32), {}

    def step(self, action):
        self.steps += 1
        seen = self.np_random.uniform(-1, 1, 3).astype(np.float32)
        return seen, float(action == 2), self.steps >= 10, False, {}


def train():
    agent = DQN(
        "MlpPolicy",
        Corridor(),
        learning_starts=20,
        batch_size=8,
        train_freq=2,
        tau=0.1,
        target_update_interval=2,
        policy_kwargs={"net_arch": [16], "features_extractor_class": Extractor},
        seed=22,
        device="cpu",
    )
    return agent.learn(total_timesteps=28)


agent = train()
if len(sys.argv) > 1:
    names = [name for name, _ in agent.q_net.named_parameters()]
    torch.save({"weights": agent.policy.state_dict(), "names": names}, sys.argv[1])
