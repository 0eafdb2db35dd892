"""Updates by hand, spelled `w.data -= lr * w.grad`, over a list of parameters; gradients zeroed in place.

Phases: f b u f b u f b u f b u
"""

import sys

import torch

torch.manual_seed(1)
log = {"losses": [], "grads": []}

x = torch.linspace(-1, 1, 16).unsqueeze(1)
y = x**3

w = torch.randn(1, 8, requires_grad=True)
b = torch.zeros(8, requires_grad=True)
v = torch.randn(8, 1, requires_grad=True)
c = torch.zeros(1, requires_grad=True)
params = [w, b, v, c]

for epoch in range(4):
    hidden = torch.relu(x @ w + b)
    out = hidden @ v + c
    loss = torch.nn.functional.mse_loss(out, y)
    loss.backward()
    print(f"epoch {epoch} loss {loss.item():.5f}")
    log["losses"].append(loss.item())
    log["grads"].append([p.grad.tolist() for p in params])
    for p in params:
        p.data -= 0.05 * p.grad
        p.grad.zero_()

if len(sys.argv) > 1:
    torch.save(log | {"weights": {str(i): p.detach() for i, p in enumerate(params)}}, sys.argv[1])
