"""ignite: a supervised trainer with an averaged copy of the model and an evaluator.

Library: ignite
Phases: f b u f b u f b u f b u
"""

import sys

import torch
from ignite.engine import Events, create_supervised_evaluator, create_supervised_trainer
from ignite.handlers import EMAHandler
from ignite.metrics import Accuracy
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.last = nn.Linear(10, 3)
        self.first = nn.Linear(6, 10)

    def forward(self, x):
        return self.last(torch.relu(self.first(x)))  # the loss


torch.manual_seed(28)
model = Net()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
trainer = create_supervised_trainer(model, optimizer, nn.CrossEntropyLoss())
evaluator = create_supervised_evaluator(model, metrics={"accuracy": Accuracy()})
ema = EMAHandler(model, momentum=0.1)
ema.attach(trainer, event=Events.ITERATION_COMPLETED)
data = [(x, x[:, :3].argmax(1)) for x in torch.randn(2, 20, 6)]
losses = []


@trainer.on(Events.EPOCH_COMPLETED)
def evaluate(engine):
    evaluator.run(data)
    losses.extend([engine.state.output, evaluator.state.metrics["accuracy"]])


trainer.run(data, max_epochs=2)

if len(sys.argv) > 1:
    names = [f"model.{name}" for name, _ in model.named_parameters()]
    weights = {"model": model.state_dict(), "ema": ema.ema_model.state_dict()}
    torch.save({"weights": weights, "losses": losses, "names": names}, sys.argv[1])
