"""ignite: a supervised trainer that accumulates two batches a step.

Library: ignite
Phases: f b f b u f b f b u
Loss: loss
"""

import sys

import torch
import torch.nn.functional as F
from ignite.engine import Events, create_supervised_trainer
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(8)
model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 36, 3))
x = torch.randn(32, 1, 8, 8)
loader = DataLoader(TensorDataset(x, x.flatten(1)[:, :3].argmax(1)), batch_size=8)
losses = []


def criterion(prediction, target):
    loss = F.cross_entropy(prediction, target)  # the loss
    return loss


trainer = create_supervised_trainer(
    model, torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9), criterion, gradient_accumulation_steps=2
)


@trainer.on(Events.ITERATION_COMPLETED)
def remember(engine):
    losses.append(engine.state.output)


trainer.run(loader, max_epochs=1)

if len(sys.argv) > 1:
    names = [f"model.{name}" for name, _ in model.named_parameters()]
    torch.save({"weights": model.state_dict(), "losses": losses, "names": names}, sys.argv[1])
