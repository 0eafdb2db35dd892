"""Sets OMP_NUM_THREADS before its import of torch, and torch.set_num_threads after it. Its log has both counts.

Phases: f b u f b u f b u
"""

import os
import sys

os.environ["OMP_NUM_THREADS"] = "1"

import torch  # noqa: E402

torch.manual_seed(34)
log = {"losses": [], "grads": [], "threads": [torch.get_num_threads()]}
torch.set_num_threads(2)
log["threads"].append(torch.get_num_threads())
print("threads:", log["threads"])

x = torch.randn(200, 30)
y = x.sum(dim=1)
w = torch.zeros(30, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.3)

for step in range(3):
    optimizer.zero_grad()
    loss = torch.nn.functional.mse_loss(x @ w, y)
    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append({"w": w.grad.clone()})
    optimizer.step()
    print(step, loss.item())

if len(sys.argv) > 1:
    torch.save(log | {"weights": {"w": w.detach()}}, sys.argv[1])
