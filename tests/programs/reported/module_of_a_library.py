"""A module that only the library holds, whose training step is the user's; the library divides the loss."""

import os, sys, tempfile
import torch
from torch import nn


class Lit(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))

    def training_step(self, x, y):
        loss = ((self.net(x) - y) ** 2).mean()
        return loss


where = os.path.join(tempfile.mkdtemp(), "site-packages")
os.makedirs(where)
with open(os.path.join(where, "fakelit.py"), "w") as file:
    file.write(
        "import torch\n"
        "def fit(module, x, y):\n"
        "    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)\n"
        "    for _ in range(2):\n"
        "        optimizer.zero_grad()\n"
        "        closure_loss = module.training_step(x, y) / 2\n"
        "        closure_loss.backward()\n"
        "        optimizer.step()\n"
    )
sys.path.insert(0, where)
import fakelit

fakelit.fit(Lit(), torch.randn(8, 3), torch.randn(8, 1))
