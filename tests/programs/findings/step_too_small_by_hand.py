"""An update by hand that is next to nothing."""

import torch

torch.manual_seed(1)
w = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64, requires_grad=True)
x = torch.tensor([1.0, 1.0, 1.0], dtype=torch.float64)
for i in range(8):
    loss = (w @ x - 9) ** 2
    loss.backward()
    w.data -= 1e-9 * w.grad
    w.grad.zero_()
