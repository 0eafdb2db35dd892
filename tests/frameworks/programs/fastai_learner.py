"""fastai: a Learner with a model and a loss function of the program's own.

Library: fastai
Phases: f b u f b u f b u f b u
Loss: loss
"""

import sys

import torch
import torch.nn.functional as F
from fastai.basics import DataLoader, DataLoaders, Learner, set_seed
from fastai.callback.progress import ProgressCallback
from torch import nn
from torch.utils.data import TensorDataset

set_seed(14, reproducible=True)
x = torch.randn(96, 6)
dataset = TensorDataset(x, (x[:, :1] * x[:, 1:2]))
dls = DataLoaders(DataLoader(dataset, bs=24, shuffle=True), DataLoader(dataset, bs=48), device=torch.device("cpu"))


def loss_func(prediction, target):
    loss = F.mse_loss(prediction, target)  # the loss
    return loss


learn = Learner(dls, nn.Sequential(nn.Linear(6, 20), nn.ReLU(), nn.Linear(20, 1)), loss_func=loss_func, lr=1e-3)
learn.remove_cb(ProgressCallback)
with learn.no_logging():
    learn.fit(1)

if len(sys.argv) > 1:
    names = [name for name, _ in learn.model.named_parameters()]
    losses = [float(loss) for loss in learn.recorder.losses]
    torch.save({"weights": learn.model.state_dict(), "losses": losses, "names": names}, sys.argv[1])
