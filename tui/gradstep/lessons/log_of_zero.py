"""Log of zero: where NaN comes from

Two classes, and two examples that take turns. The cross entropy is written as in the textbook: softmax makes
probabilities of the logits, and the loss is minus the log of the probability of the right class.

The first update makes the network very sure: the logits of the second example are 72 and -72. It is also wrong: the
probability of the right class is e^-144, and the smallest number that float32 knows is e^-103. So it is 0, its log is
-Inf, and the loss is Inf.

Go to that backward pass with o, one node a key. The derivative of log is 1/p = 1/0. Softmax multiplies what comes back
by p, and 0 · Inf is NaN. From there NaN goes into all of W.grad, with the update into all of W, and it never leaves:
y names the op where it began.

The remedy is to take both functions at once. log_softmax subtracts logits and never forms the probability: its log is
-144, the loss is 144, its gradient is finite, and the network recovers: 0.6931, 144, 108, 72, 36, 0.6931. To see it go
back to the first forward stop with left, press : and type stable = True. torch.nn.functional.cross_entropy does the
same: give it logits.
"""

import torch

stable = False  # True: log_softmax

inputs = torch.tensor([[12.0, 6.0], [6.0, 12.0]])
W = torch.zeros(2, 2, requires_grad=True)
optimizer = torch.optim.SGD([W], lr=1.0)

for iteration in range(6):
    label = iteration % 2
    x = inputs[label]

    # forward
    logits = W @ x
    if stable:
        loss = -logits.log_softmax(dim=0)[label]
    else:
        p = logits.softmax(dim=0)
        p_right = p[label]
        loss = -p_right.log()
    print(f"iteration {iteration + 1}: logits {logits.tolist()}, right is {label}, loss {loss.item():.4f}")

    # backward
    optimizer.zero_grad()
    loss.backward()

    # update
    optimizer.step()
