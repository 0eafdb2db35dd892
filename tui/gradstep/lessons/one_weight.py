"""One weight: local gradients and the chain rule

The smallest network there is: y_hat = w · x, loss = (y_hat - y)². Three operations, one after the other.

Forward computes them from the top down. With s = y_hat - y each has a simple local derivative:
∂loss/∂s = 2s, ∂s/∂y_hat = 1, ∂y_hat/∂w = x.

Backward multiplies them, from the bottom up: ∂loss/∂w = 2s · 1 · x. With x = 1, y = 2, w = 1 that is
2 · (-1) · 1 · 1 = -2: the loss falls when w grows, and the update moves w against its gradient.

Here the gradient is cleared after each update, so that .grad holds what the last backward pass gave and nothing else.
"""

import torch

x = torch.tensor(1.0)
y = torch.tensor(2.0)
w = torch.tensor(1.0, requires_grad=True)
lr = 0.1

for iteration in range(4):
    # forward
    y_hat = w * x
    s = y_hat - y
    loss = s**2
    print(f"iteration {iteration + 1}: y_hat {y_hat.item():.4f}, loss {loss.item():.4f}")

    # backward: ∂loss/∂w = 2s · 1 · x
    loss.backward()
    print(f"  w.grad {w.grad.item():.4f}, by hand {2 * s.item() * x.item():.4f}")

    # update, and a clean start for the next backward pass
    w.data = w.data - lr * w.grad.data
    w.grad = None
