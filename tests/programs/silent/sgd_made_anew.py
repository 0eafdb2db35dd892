"""Federated averaging: each client's steps have a plain SGD of their own, then the server takes the mean."""

import copy

import torch
from torch import nn

torch.manual_seed(0)
server = nn.Linear(4, 1)
clients = [(torch.randn(30, 4) + i, torch.randn(1) * 0.1) for i in range(2)]
true = torch.randn(4, 1)
for round_ in range(12):
    states = []
    for x, shift in clients:
        local = copy.deepcopy(server)
        optimizer = torch.optim.SGD(local.parameters(), lr=0.01)
        for _ in range(2):
            rows = torch.randint(0, 30, (10,))
            loss = nn.functional.mse_loss(local(x[rows]), x[rows] @ true + shift)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        states.append(local.state_dict())
    server.load_state_dict({k: torch.stack([s[k] for s in states]).mean(0) for k in states[0]})
