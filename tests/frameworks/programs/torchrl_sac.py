"""torchrl: SAC, whose two critics are one network under torch.vmap.

Library: torchrl tensordict
Phases: f b u f b u f b u
Loss: loss
"""

import sys
import warnings

warnings.filterwarnings("ignore")

import torch
from tensordict import TensorDict
from tensordict.nn import TensorDictModule
from tensordict.nn.distributions import NormalParamExtractor
from torch import nn
from torchrl.modules import MLP, ProbabilisticActor, TanhNormal, ValueOperator
from torchrl.objectives import SACLoss, SoftUpdate

torch.manual_seed(32)
actor_net = nn.Sequential(MLP(in_features=3, out_features=2, num_cells=[16]), NormalParamExtractor())
actor = ProbabilisticActor(
    module=TensorDictModule(actor_net, in_keys=["observation"], out_keys=["loc", "scale"]),
    in_keys=["loc", "scale"],
    distribution_class=TanhNormal,
    return_log_prob=True,
)
critic = ValueOperator(MLP(in_features=4, out_features=1, num_cells=[16]), in_keys=["observation", "action"])
loss_module = SACLoss(actor_network=actor, qvalue_network=critic, num_qvalue_nets=2, target_entropy=-1.0)
loss_module.make_value_estimator(gamma=0.99)
target_updater = SoftUpdate(loss_module, eps=0.995)
optimizer = torch.optim.Adam(loss_module.parameters(), lr=3e-4)


def sample(size):
    """Transitions as a replay buffer would give them."""
    following = {"observation": torch.randn(size, 3), "reward": torch.randn(size, 1)}
    flags = {name: torch.zeros(size, 1, dtype=torch.bool) for name in ("done", "terminated")}
    now = {"observation": torch.randn(size, 3), "action": torch.rand(size, 1) * 2 - 1}
    return TensorDict({**now, "next": TensorDict({**following, **flags}, [size])}, [size])


losses = []
for _ in range(3):
    losses_now = loss_module(sample(16))
    loss = losses_now["loss_actor"] + losses_now["loss_qvalue"] + losses_now["loss_alpha"]  # the loss
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    target_updater.step()
    losses.append(loss.item())

if len(sys.argv) > 1:
    names = [f"actor_net.{name}" for name, _ in actor_net.named_parameters()]
    torch.save({"weights": loss_module.state_dict(), "losses": losses, "names": names}, sys.argv[1])
