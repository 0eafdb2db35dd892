"""fastai: the tabular learner with one cycle, and a callback that clips.

Library: fastai pandas
Phases: f b u f b u f b u f b u
"""

import sys

import numpy as np
import pandas as pd
import torch
from fastai.callback.progress import ProgressCallback
from fastai.callback.training import GradientClip
from fastai.tabular.all import Categorify, Normalize, TabularDataLoaders, accuracy, set_seed, tabular_learner

set_seed(27, reproducible=True)
rng = np.random.default_rng(27)
frame = pd.DataFrame(
    {"colour": rng.choice(["red", "green", "blue"], 160), "size": rng.normal(size=160).astype("float32")}
)
frame["sold"] = np.where((frame["colour"] == "red") ^ (frame["size"] > 0), "yes", "no")
dls = TabularDataLoaders.from_df(
    frame,
    procs=[Categorify, Normalize],
    cat_names=["colour"],
    cont_names=["size"],
    y_names="sold",
    valid_idx=list(range(32)),
    bs=32,
    device=torch.device("cpu"),
)
learn = tabular_learner(dls, layers=[16, 8], metrics=accuracy, cbs=GradientClip(1.0))
learn.remove_cb(ProgressCallback)
with learn.no_logging():
    learn.fit_one_cycle(1, 1e-2)  # the loss

if len(sys.argv) > 1:
    names = [name for name, _ in learn.model.named_parameters()]
    losses = [float(loss) for loss in learn.recorder.losses]
    torch.save({"weights": learn.model.state_dict(), "losses": losses, "names": names}, sys.argv[1])
