"""backward is called on something that is no scalar, in the second iteration.

The forward stop comes (backward was called), the backward stop does not (it never returned).

Phases: f b u f
Exit: 1
"""

import torch

torch.manual_seed(42)

x = torch.randn(5, 4)
w = torch.zeros(4, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)

for step in range(3):
    optimizer.zero_grad()
    errors = (x @ w - 1) ** 2
    loss = errors.mean() if step == 0 else errors
    loss.backward()
    optimizer.step()
    print(step, loss)
