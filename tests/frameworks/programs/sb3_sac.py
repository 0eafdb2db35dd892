"""stable-baselines3: SAC on an environment of the program's own.

Library: stable_baselines3 gymnasium
Phases: f b u f b u f b u f b u f b u f b u
"""

import sys

import gymnasium as gym
import numpy as np
import torch
from stable_baselines3 import SAC


class Slope(gym.Env):
    """Hold a ball on a slope."""

    observation_space = gym.spaces.Box(-10, 10, (2,), np.float32)
    action_space = gym.spaces.Box(-1, 1, (1,), np.float32)

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.state, self.steps = self.np_random.uniform(-1, 1, 2), 0
        return self.state.astype(np.float32), {}

    def step(self, action):
        place, speed = self.state
        speed = np.clip(speed + 0.1 * float(action[0]) + 0.02 * place, -2, 2)
        self.state, self.steps = np.array([place + 0.1 * speed, speed]), self.steps + 1
        return self.state.astype(np.float32), -float(place**2), False, self.steps >= 50, {}


torch.set_num_threads(1)
agent = SAC(
    "MlpPolicy", Slope(), learning_starts=20, batch_size=16, policy_kwargs={"net_arch": [16]}, seed=10, device="cpu"
)
agent.learn(total_timesteps=22)  # the loss

if len(sys.argv) > 1:
    names = {part: [name for name, _ in getattr(agent, part).named_parameters()] for part in ("actor", "critic")}
    torch.save({"weights": agent.policy.state_dict(), "names": names}, sys.argv[1])
