"""skorch: a regressor with a validation split, clipped gradients and a schedule.

Library: skorch
Phases: f b u f b u f b u f b u
"""

import sys

import numpy as np
import torch
from skorch import NeuralNetRegressor
from skorch.callbacks import EpochScoring, GradientNormClipping, LRScheduler
from skorch.dataset import ValidSplit
from torch import nn


class Net(nn.Module):
    def __init__(self, units=10, nonlin=torch.tanh):
        super().__init__()
        self.dense0, self.dense1, self.nonlin = nn.Linear(4, units), nn.Linear(units, units), nonlin
        self.output = nn.Linear(units, 1)

    def forward(self, X, **kwargs):
        X = self.nonlin(self.dense0(X))
        X = self.nonlin(self.dense1(X))
        X = self.output(X)  # the loss
        return X


def train():
    torch.manual_seed(29)
    X = np.random.default_rng(29).normal(size=(60, 4)).astype(np.float32)
    net = NeuralNetRegressor(
        Net,
        module__units=12,
        optimizer=torch.optim.SGD,
        optimizer__momentum=0.9,
        lr=0.02,
        max_epochs=2,
        batch_size=24,
        train_split=ValidSplit(5),
        callbacks=[
            EpochScoring("r2", lower_is_better=False),
            GradientNormClipping(1.0),
            LRScheduler(torch.optim.lr_scheduler.ExponentialLR, gamma=0.9),
        ],
        verbose=0,
    )
    return net.fit(X, X.sum(1, keepdims=True))


net = train()
if len(sys.argv) > 1:
    names = [name for name, _ in net.module_.named_parameters()]
    losses = list(net.history[:, ("train_loss", "valid_loss")])
    torch.save({"weights": net.module_.state_dict(), "losses": losses, "names": names}, sys.argv[1])
