"""A model whose weights grow until the loss is NaN. Its log has what plain torch knows of every iteration.

Phases: f b u f b u f b u f b u f b u f b u f b u f b u f b u f b u f b u f b u
"""

import sys

import torch
from torch import nn

torch.manual_seed(3)
log = {"losses": [], "grads": [], "weights": [], "ratios": [], "hidden": []}


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 8)
        self.act = nn.ReLU()
        self.second = nn.Linear(8, 1)

    def forward(self, x):
        return self.second(self.act(self.first(x)))


def train(step, net, optimizer, x, y):
    optimizer.zero_grad()
    guess = net(x * (1 + step))
    loss = (guess - y).square().mean() if step < 9 else (guess - y).sqrt().mean()
    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append({name: p.grad.norm().item() for name, p in net.named_parameters()})
    with torch.no_grad():
        log["hidden"].append(net.act(net.first(x * (1 + step))).max().item())
    before = net.first.weight.detach().clone()
    if step == 5:
        net.second.bias.grad = None
    optimizer.step()
    moved = net.first.weight.detach() - before
    log["ratios"].append((moved.norm() / before.norm()).item())
    log["weights"].append({name: p.detach().max().item() for name, p in net.named_parameters()})


def main():
    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    x, y = torch.randn(16, 4), torch.randn(16, 1)
    for step in range(12):
        train(step, net, optimizer, x, y)
    if len(sys.argv) > 1:
        torch.save(log | {"final": net.state_dict()}, sys.argv[1])


main()
