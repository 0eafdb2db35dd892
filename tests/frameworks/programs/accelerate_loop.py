"""accelerate: bfloat16, clipping and a warm-up that accelerate steps along.

Library: accelerate
Phases: f b u f b u f b u
Loss: loss
"""

import sys

import torch
import torch.nn.functional as F
from accelerate import Accelerator
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def build():
    return nn.Sequential(nn.Embedding(20, 16), nn.Flatten(), nn.LayerNorm(64), nn.Linear(64, 20))


def main():
    torch.manual_seed(30)
    accelerator = Accelerator(cpu=True, mixed_precision="bf16")
    tokens = torch.randint(0, 20, (24, 5))
    loader = DataLoader(TensorDataset(tokens[:, :4], tokens[:, 4]), batch_size=8, shuffle=True)
    net = build()
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3)
    scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, 0.1, total_iters=3)
    net, optimizer, loader, scheduler = accelerator.prepare(net, optimizer, loader, scheduler)
    losses = []
    for inputs, target in loader:
        optimizer.zero_grad()
        logits = net(inputs)
        loss = F.cross_entropy(logits, target)  # the loss
        accelerator.backward(loss)
        accelerator.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        losses.append(accelerator.gather(loss.detach()).mean().item())
    if len(sys.argv) > 1:
        net = accelerator.unwrap_model(net)
        names = [f"net.{name}" for name, _ in net.named_parameters()]
        torch.save({"weights": net.state_dict(), "losses": losses, "names": names}, sys.argv[1])


if __name__ == "__main__":
    main()
