"""A DataLoader with two workers over a Dataset class that is local to a function (it cannot be pickled, only forked).

Its items take a gradient of their own in the workers, which is no phase of this program.

Phases: f b u f b u f b u
"""

import sys

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

log = {"losses": [], "grads": []}


def main():
    torch.manual_seed(23)

    class Waves(Dataset):
        def __len__(self):
            return 24

        def __getitem__(self, index):
            t = torch.tensor(index / 4, requires_grad=True)
            wave = torch.sin(t)
            (slope,) = torch.autograd.grad(wave, t)
            return torch.stack([t.detach(), slope]), wave.detach()

    loader = DataLoader(Waves(), batch_size=8, num_workers=2)
    model = nn.Sequential(nn.Linear(2, 12), nn.Tanh(), nn.Linear(12, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for batch, wave in loader:
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(batch).squeeze(1), wave)
        loss.backward()
        log["losses"].append(loss.item())
        log["grads"].append({name: p.grad.clone() for name, p in model.named_parameters()})
        optimizer.step()
        print(loss.item())
    if len(sys.argv) > 1:
        torch.save(log | {"weights": model.state_dict()}, sys.argv[1])


if __name__ == "__main__":
    main()
