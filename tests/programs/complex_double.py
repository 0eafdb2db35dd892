"""Complex and float64 tensors: a filter with complex weights is fitted to a signal.

Phases: f b u f b u f b u f b u
"""

import sys

import torch

torch.manual_seed(25)
log = {"losses": [], "grads": []}

t = torch.arange(32, dtype=torch.float64)
signal = torch.cos(0.3 * t) + 0.1 * torch.randn(32, dtype=torch.float64)
wanted = torch.fft.fft(torch.cos(0.3 * t))

weights = torch.ones(32, dtype=torch.complex128, requires_grad=True)
gain = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
optimizer = torch.optim.Adam([weights, gain], lr=0.05)

for step in range(4):
    optimizer.zero_grad()
    spectrum = torch.fft.fft(signal) * weights * gain
    loss = (spectrum - wanted).abs().pow(2).mean()
    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append({"weights": weights.grad.clone(), "gain": gain.grad.clone()})
    optimizer.step()
    print(step, loss.item(), gain.item())

if len(sys.argv) > 1:
    torch.save(log | {"weights": {"weights": weights.detach(), "gain": gain.detach()}}, sys.argv[1])
