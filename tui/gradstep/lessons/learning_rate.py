"""Learning rate: two over the curvature

One weight, one valley: with x = 2 and y = 6 the loss (w · x - y)² is 4 · (w - 3)². Its gradient is 8 · (w - 3). The 8
is the curvature h = 2x²: by how much the gradient grows when w moves by 1.

An update subtracts lr · 8 · (w - 3), so the distance to the minimum is multiplied by 1 - 8 · lr. All follows from that:

- lr below 1/h = 0.125: a factor between 0 and 1. w comes nearer from one side.
- lr between 1/h and 2/h = 0.25: between 0 and -1. w jumps to the other side, and is nearer there.
- lr above 2/h: below -1. w jumps to the other side, and is farther away there.

At 1/h one step reaches the minimum; at 2/h, the largest rate that is stable, w jumps to and fro for ever.

The program goes through them from the worst to the best, three updates each: lr = 0.3 (factor -1.4), 0.2 (-0.6),
0.1 (0.2). Step with space to iteration 2. The loss has risen from 4 to 7.84: y says that the step was too long and how
large lr may be. Then go back to the first forward stop with left and press - once: with 0.15 the loss only falls.

With many weights the steepest direction decides. In "Three weights" its curvature is 2 · (x · x) = 28, so that lr must
stay below 2/28 = 0.0714.
"""

import torch

x = torch.tensor(2.0)
y = torch.tensor(6.0)
w = torch.tensor(2.0, requires_grad=True)
lr = 0.3  # above 2/h

for iteration in range(10):
    if iteration == 3:
        lr = 0.2  # between 1/h and 2/h
    if iteration == 6:
        lr = 0.1  # below 1/h

    # forward
    y_hat = w * x
    loss = (y_hat - y) ** 2
    print(f"iteration {iteration + 1:2}: lr {lr}, w {w.item():.4f}, loss {loss.item():7.4f}")

    # backward, from nothing
    w.grad = None
    loss.backward()

    # update
    w.data = w.data - lr * w.grad.data
