"""opacus: differentially private training of a small convolution net.

Library: opacus
Phases: f b u f b u f b u
Loss: loss
"""

import sys
import warnings

import torch
from opacus import PrivacyEngine
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

warnings.filterwarnings("ignore")
torch.manual_seed(15)
x = torch.randn(48, 1, 8, 8)
loader = DataLoader(TensorDataset(x, (x.mean((1, 2, 3)) > 0).long()), batch_size=16)
model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.GroupNorm(2, 4), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 36, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
privacy_engine = PrivacyEngine()
model, optimizer, loader = privacy_engine.make_private(
    module=model,
    optimizer=optimizer,
    data_loader=loader,
    noise_multiplier=1.0,
    max_grad_norm=1.0,
    poisson_sampling=False,
)
criterion = nn.CrossEntropyLoss()

losses = []
for images, target in loader:
    optimizer.zero_grad()
    output = model(images)
    loss = criterion(output, target)  # the loss
    loss.backward()
    optimizer.step()
    losses.append(loss.item())

if len(sys.argv) > 1:
    names = [f"model.{name}" for name, _ in model.named_parameters()]
    losses.append(privacy_engine.get_epsilon(1e-3))
    torch.save({"weights": model.state_dict(), "losses": losses, "names": names}, sys.argv[1])
