"""Three weights: gradients that are never cleared

A line is fitted to one point: y_hat = w · x, loss = (y_hat - y)². Backward fills w.grad, the update moves w against it.

But backward does not set w.grad, it adds to it. Nobody clears it here, so that each update uses the gradients of all
the passes before it once more. The loss falls 16, 8.29, 0.91, and then it rises to 1.54: the steps have grown too
long, and most of each step is gradient that has been used already.

Step with space, and watch held + fresh = now in the Gradients pane. At the end press r to begin again, and z to clear
the gradients after each update.
"""

import torch

x = torch.tensor([2.0, 3.0, 1.0])
y = torch.tensor(3.0)
w = torch.tensor([1.0, 1.0, 2.0], requires_grad=True)
lr = 0.01

for iteration in range(4):
    # forward
    y_hat = w @ x
    loss = (y_hat - y) ** 2
    print(f"iteration {iteration + 1}: y_hat {y_hat.item():.4f}, loss {loss.item():.4f}")

    # backward: adds to w.grad
    loss.backward()

    # update
    w.data = w.data - lr * w.grad.data
