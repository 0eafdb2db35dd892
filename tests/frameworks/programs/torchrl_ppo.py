"""torchrl: PPO on a batch of random transitions, with an actor, a critic and advantages.

Library: torchrl tensordict
Phases: f b u f b u f b u f b u
Loss: loss_value
"""

import sys
import warnings

warnings.filterwarnings("ignore")

import torch
from tensordict import TensorDict
from tensordict.nn import TensorDictModule
from tensordict.nn.distributions import NormalParamExtractor
from torch import nn
from torchrl.modules import ProbabilisticActor, TanhNormal, ValueOperator
from torchrl.objectives import ClipPPOLoss
from torchrl.objectives.value import GAE

torch.manual_seed(25)
actor_net = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 2), NormalParamExtractor())
value_net = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 1))
policy = ProbabilisticActor(
    module=TensorDictModule(actor_net, in_keys=["observation"], out_keys=["loc", "scale"]),
    in_keys=["loc", "scale"],
    distribution_class=TanhNormal,
    return_log_prob=True,
)
value = ValueOperator(module=value_net, in_keys=["observation"])
advantage = GAE(gamma=0.99, lmbda=0.95, value_network=value, average_gae=True)
loss_module = ClipPPOLoss(actor_network=policy, critic_network=value, clip_epsilon=0.2, entropy_coeff=1e-4)
optim = torch.optim.Adam(loss_module.parameters(), 3e-4)

losses = []
for _ in range(2):
    observation = torch.randn(1, 32, 3)
    batch = TensorDict({"observation": observation}, batch_size=[1, 32])
    with torch.no_grad():
        policy(batch)
    following = {"observation": observation.roll(-1, 1), "reward": observation[..., :1] - batch["action"][..., :1] ** 2}
    flags = {name: torch.zeros(1, 32, 1, dtype=torch.bool) for name in ("done", "terminated")}
    batch["next"] = TensorDict({**following, **flags}, batch_size=[1, 32])
    advantage(batch)
    for part in batch.reshape(-1).split(16):
        loss_vals = loss_module(part)
        loss_value = loss_vals["loss_objective"] + loss_vals["loss_critic"] + loss_vals["loss_entropy"]  # the loss
        loss_value.backward()
        torch.nn.utils.clip_grad_norm_(loss_module.parameters(), 1.0)
        optim.step()
        optim.zero_grad()
        losses.append(loss_value.item())

if len(sys.argv) > 1:
    parts = {"actor_net": actor_net, "value_net": value_net}
    names = {part: [f"{part}.{name}" for name, _ in net.named_parameters()] for part, net in parts.items()}
    torch.save({"weights": loss_module.state_dict(), "losses": losses, "names": names}, sys.argv[1])
