"""Three weights: gradients that are never cleared

A line is fitted to one point: y_hat = w · x, loss = (y_hat - y)². Backward fills w.grad, the update moves w against it.

But backward does not set w.grad, it adds to it. Nobody clears it here, so that each update uses the gradients of all
the passes before it once more. The loss falls 16, 8.29, 0.91, and then it rises: 1.54, 9.52, 16.55. Not clearing is
exactly SGD with momentum 1.0: nothing slows w down, it swings past the target and back, and never settles.

Step with space, and watch held + fresh = now in the Gradients pane. w runs the same with cleared gradients, and both
curves stand in one plot: 16, 8.29, 4.30, 2.23, 1.16, 0.60. The left arrow goes back to where the loss rose.
"""

import torch

x = torch.tensor([2.0, 3.0, 1.0])
y = torch.tensor(3.0)
w = torch.tensor([1.0, 1.0, 2.0], requires_grad=True)
lr = 0.01

for iteration in range(6):
    # forward
    y_hat = w @ x
    loss = (y_hat - y) ** 2
    print(f"iteration {iteration + 1}: y_hat {y_hat.item():.4f}, loss {loss.item():.4f}")

    # backward: adds to w.grad
    loss.backward()

    # update
    w.data = w.data - lr * w.grad.data
