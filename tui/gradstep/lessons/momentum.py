"""Momentum: a gradient that is kept

SGD with momentum m does not step along the gradient but along a sum: velocity = m · velocity + gradient. With m = 1
nothing is ever forgotten, and that sum is what .grad becomes where nobody clears it.

So this program, which clears its gradients, repeats the losses of "Three weights", which does not: 16, 8.2944, 0.9094,
1.5371. Beside it runs a twin without optimizer, which adds up its gradients by hand. Press k for the console: both
columns agree, and they go on 9.5238, 16.5505, 15.2982, 7.0713, 0.4389, and up again.

Step to the third update with space and press y. w[0] moves by 0.01 · 31.3344, of which 27.52 is momentum and 3.8144 is
fresh gradient. In "Three weights" the same 27.52 is called stale; there w shows both worlds, with clearing and without.

Without friction the weights never settle. They swing through the minimum and up the other side: the loss is 16 at
iteration 1 and 16.9385 at iteration 12. With m = 0.9 a swing loses about a tenth an iteration: 5.1545 at iteration 12,
and it settles. To try it go back to the first forward stop with left, press : and type
optimizer.param_groups[0]["momentum"] = 0.9, or change the line below.
"""

import torch

momentum = 1.0  # with 0.9 it settles

x = torch.tensor([2.0, 3.0, 1.0])
y = torch.tensor(3.0)
w = torch.tensor([1.0, 1.0, 2.0], requires_grad=True)
lr = 0.01
optimizer = torch.optim.SGD([w], lr=lr, momentum=momentum)

# the twin: no optimizer, no autograd, and a gradient that is kept
w_twin = torch.tensor([1.0, 1.0, 2.0])
kept = torch.zeros(3)

for iteration in range(12):
    # forward
    y_hat = w @ x
    loss = (y_hat - y) ** 2
    error = w_twin @ x - y
    print(f"iteration {iteration + 1:2}: momentum {loss.item():7.4f}, twin {(error**2).item():7.4f}")

    # backward, from nothing; the twin adds to what it has
    optimizer.zero_grad()
    loss.backward()
    kept = kept + 2 * error * x

    # update
    optimizer.step()
    w_twin = w_twin - lr * kept
