"""torchrl: DQN on a batch of random transitions, with a target network that follows slowly.

Library: torchrl tensordict
Phases: f b u f b u f b u
Loss: loss
"""

import sys
import warnings

warnings.filterwarnings("ignore")

import torch
from tensordict import TensorDict
from torchrl.data import OneHot
from torchrl.modules import MLP, QValueActor
from torchrl.objectives import DQNLoss, SoftUpdate

torch.manual_seed(16)
net = MLP(in_features=4, out_features=2, num_cells=[16, 16])
actor = QValueActor(module=net, in_keys=["observation"], spec=OneHot(2))
loss_module = DQNLoss(actor, action_space="one-hot", delay_value=True)
loss_module.make_value_estimator(gamma=0.9)
target_updater = SoftUpdate(loss_module, eps=0.95)
optimizer = torch.optim.Adam(loss_module.parameters(), lr=1e-3)


def sample(size):
    """Transitions as a replay buffer would give them."""
    observation = torch.randn(size, 4)
    return TensorDict(
        {
            "observation": observation,
            "action": torch.nn.functional.one_hot(torch.randint(0, 2, (size,)), 2),
            ("next", "observation"): observation + 0.1 * torch.randn(size, 4),
            ("next", "reward"): observation[:, :1],
            ("next", "done"): torch.zeros(size, 1, dtype=torch.bool),
            ("next", "terminated"): torch.zeros(size, 1, dtype=torch.bool),
        },
        batch_size=[size],
    )


losses = []
for _ in range(3):
    loss_vals = loss_module(sample(16))  # the loss
    loss = loss_vals["loss"]
    loss.backward()
    torch.nn.utils.clip_grad_norm_(loss_module.parameters(), 10.0)
    optimizer.step()
    optimizer.zero_grad()
    target_updater.step()
    losses.append(loss.item())

if len(sys.argv) > 1:
    names = [f"net.{name}" for name, _ in net.named_parameters()]
    torch.save({"weights": net.state_dict(), "losses": losses, "names": names}, sys.argv[1])
