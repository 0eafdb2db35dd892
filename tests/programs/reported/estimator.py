"""A library's object holds the module, under a name of its own."""

import os, sys, tempfile
import torch
where = os.path.join(tempfile.mkdtemp(), "site-packages")
os.makedirs(where)
with open(os.path.join(where, "fakefit.py"), "w") as file:
    file.write(
        "import torch\n"
        "class Net:\n"
        "    def __init__(self, module):\n"
        "        self.module_ = module()\n"
        "        self.optimizer_ = torch.optim.SGD(self.module_.parameters(), lr=0.1)\n"
        "    def fit(self, x, y):\n"
        "        for _ in range(2):\n"
        "            self.optimizer_.zero_grad()\n"
        "            loss = ((self.module_(x) - y) ** 2).mean()\n"
        "            loss.backward()\n"
        "            self.optimizer_.step()\n"
    )
sys.path.insert(0, where)
import fakefit

net = fakefit.Net(lambda: torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1)))
net.fit(torch.randn(8, 3), torch.randn(8, 1))
