"""Three weights: gradients that are cleared

The same line, the same point, the same learning rate as in "Three weights", and one line more: after each update the
gradient is cleared. Each step is made of fresh gradient alone.

The loss now falls at every iteration: 16, 8.29, 4.30, 2.23, 1.16. The error y_hat - y shrinks by the same factor each
time: 1 - 2 · lr · (x · x) = 1 - 2 · 0.01 · 14 = 0.72.

Slower at first than with gradients that pile up, but it never overshoots.
"""

import torch

x = torch.tensor([2.0, 3.0, 1.0])
y = torch.tensor(3.0)
w = torch.tensor([1.0, 1.0, 2.0], requires_grad=True)
lr = 0.01

for iteration in range(5):
    # forward
    y_hat = w @ x
    loss = (y_hat - y) ** 2
    print(f"iteration {iteration + 1}: y_hat {y_hat.item():.4f}, loss {loss.item():.4f}")

    # backward
    loss.backward()

    # update
    w.data = w.data - lr * w.grad.data

    # clear: the next backward pass starts from nothing
    w.grad = None
