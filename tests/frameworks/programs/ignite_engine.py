"""ignite: an Engine around the program's own update function.

Library: ignite
Phases: f b u f b u f b u
Loss: loss
"""

import sys

import torch
from ignite.engine import Engine, Events
from ignite.metrics import RunningAverage
from torch import nn


def create_model():
    return nn.Sequential(nn.Linear(5, 12), nn.Tanh(), nn.Linear(12, 1))


def main():
    torch.manual_seed(9)
    model = create_model()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.MSELoss()

    def train_step(engine, batch):
        model.train()
        x, y = batch
        optimizer.zero_grad()
        loss = criterion(model(x), y)  # the loss
        loss.backward()
        optimizer.step()
        return loss.item()

    trainer = Engine(train_step)
    RunningAverage(output_transform=lambda output: output).attach(trainer, "loss")
    losses = []
    trainer.add_event_handler(Events.ITERATION_COMPLETED, lambda engine: losses.append(engine.state.output))
    data = [(x, x.mean(1, keepdim=True)) for x in torch.randn(3, 16, 5)]
    trainer.run(data, max_epochs=1)

    if len(sys.argv) > 1:
        names = [f"model.{name}" for name, _ in model.named_parameters()]
        torch.save({"weights": model.state_dict(), "losses": losses, "names": names}, sys.argv[1])


if __name__ == "__main__":
    main()
