"""stable-baselines3: PPO on an environment of the program's own.

Library: stable_baselines3 gymnasium
Phases: f b u f b u f b u f b u
"""

import sys

import gymnasium as gym
import numpy as np
import torch
from stable_baselines3 import PPO


class Walk(gym.Env):
    """Walk to the middle."""

    observation_space = gym.spaces.Box(-5, 5, (2,), np.float32)
    action_space = gym.spaces.Discrete(2)

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.place, self.steps = self.np_random.uniform(-2, 2), 0
        return self._observe(), {}

    def step(self, action):
        self.place = float(np.clip(self.place + (0.3 if action else -0.3), -5, 5))
        self.steps += 1
        return self._observe(), -abs(self.place), False, self.steps >= 20, {}

    def _observe(self):
        return np.array([self.place, self.steps / 20], np.float32)


torch.set_num_threads(1)
agent = PPO(
    "MlpPolicy", Walk(), n_steps=32, batch_size=16, n_epochs=2, policy_kwargs={"net_arch": [16]}, seed=6, device="cpu"
)
agent.learn(total_timesteps=32)  # the loss

if len(sys.argv) > 1:
    names = [name for name, _ in agent.policy.named_parameters()]
    torch.save({"weights": agent.policy.state_dict(), "names": names}, sys.argv[1])
