"""skorch: a classifier of which the program holds the class alone.

Library: skorch
Phases: f b u f b u f b u f b u
"""

import sys

import numpy as np
import torch
from skorch import NeuralNetClassifier
from torch import nn


class MLP(nn.Module):
    def __init__(self, hidden=16):
        super().__init__()
        self.out = nn.Linear(hidden, 2)
        self.hidden = nn.Linear(8, hidden)
        self.dropout = nn.Dropout(0.2)

    def forward(self, X):
        X = torch.relu(self.hidden(X))
        return torch.softmax(self.out(self.dropout(X)), dim=-1)  # the loss


torch.manual_seed(5)
rng = np.random.default_rng(5)
X = rng.normal(size=(64, 8)).astype(np.float32)
y = (X[:, 0] > 0).astype(np.int64)
net = NeuralNetClassifier(
    MLP,
    optimizer=torch.optim.Adam,
    max_epochs=2,
    lr=0.01,
    batch_size=32,
    train_split=None,
    iterator_train__shuffle=True,
    verbose=0,
)
net.fit(X, y)

if len(sys.argv) > 1:
    names = [name for name, _ in net.module_.named_parameters()]
    losses = list(net.history[:, "train_loss"])
    torch.save({"weights": net.module_.state_dict(), "losses": losses, "names": names}, sys.argv[1])
