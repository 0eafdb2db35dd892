"""Uses torch and never trains: a model is only asked, without grad.

Phases: (none)
"""

import torch
from torch import nn

torch.manual_seed(48)

model = nn.Linear(3, 2).eval()
with torch.no_grad():
    for row in torch.randn(4, 3):
        print(model(row).softmax(0).tolist())
