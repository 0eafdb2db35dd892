"""torchdiffeq: a neural ODE with the adjoint method, whose backward pass solves another ODE.

Library: torchdiffeq
Phases: f b u f b u f b u
Loss: loss
"""

import sys

import torch
from torch import nn
from torchdiffeq import odeint_adjoint as odeint

torch.manual_seed(17)
true_y0 = torch.tensor([[2.0, 0.0]])
t = torch.linspace(0.0, 2.0, 8)
true_A = torch.tensor([[-0.1, 2.0], [-2.0, -0.1]])


class Lambda(nn.Module):
    def forward(self, t, y):
        return torch.mm(y, true_A)


class ODEFunc(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
        self.evaluations = 0

    def forward(self, t, y):
        self.evaluations += 1
        return self.net(y)


with torch.no_grad():
    true_y = odeint(Lambda(), true_y0, t, method="rk4")

func = ODEFunc()
optimizer = torch.optim.RMSprop(func.parameters(), lr=1e-3)
losses = []
for itr in range(3):
    optimizer.zero_grad()
    pred_y = odeint(func, true_y0, t, method="rk4")
    loss = torch.mean(torch.abs(pred_y - true_y))  # the loss
    loss.backward()
    optimizer.step()
    losses += [loss.item(), func.evaluations]

if len(sys.argv) > 1:
    names = [f"func.{name}" for name, _ in func.named_parameters()]
    torch.save({"weights": func.state_dict(), "losses": losses, "names": names}, sys.argv[1])
