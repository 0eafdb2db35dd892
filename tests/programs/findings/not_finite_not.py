"""The same with something added before the logarithm is taken."""

import torch

torch.manual_seed(0)
X = torch.linspace(-1, 3, 100).reshape(-1, 1)
w = torch.tensor([-1.0], requires_grad=True)

for step in range(4):
    probs = torch.relu(1 + 0.5 * X * w)
    logs = torch.log(probs + 1e-6)
    loss = -logs.mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.01 * w.grad
    w.grad = None
