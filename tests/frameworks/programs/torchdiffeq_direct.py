"""torchdiffeq: a neural ODE, backpropagated through the steps of the solver.

Library: torchdiffeq
Phases: f b u f b u
Loss: loss
"""

import sys

import torch
from torch import nn
from torchdiffeq import odeint

torch.manual_seed(18)


class Block(nn.Module):
    """Features that flow for one unit of time."""

    def __init__(self, width):
        super().__init__()
        self.flow = nn.Linear(width, width)

    def forward(self, x):
        return odeint(lambda t, y: torch.tanh(self.flow(y)), x, torch.tensor([0.0, 1.0]), method="dopri5", rtol=1e-3)[
            -1
        ]


model = nn.Sequential(nn.Linear(3, 8), Block(8), nn.Linear(8, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=1e-2)
x = torch.randn(2, 16, 3)
losses = []
for batch in x:
    loss = nn.functional.mse_loss(model(batch), batch.prod(1, keepdim=True))  # the loss
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())

if len(sys.argv) > 1:
    names = [f"model.{name}" for name, _ in model.named_parameters()]
    torch.save({"weights": model.state_dict(), "losses": losses, "names": names}, sys.argv[1])
