"""Dead ReLU: units that never wake again

Three hidden units shall learn y = 2x from the inputs 1, 2, 3. They begin with a slope of 3.5, all alive.

The first gradient is 14 for each weight of w1, and with lr = 0.2 each falls by 2.8: w1 is now -1.8, -1.3, -1.8. The
inputs are positive, so z is negative for every unit on every input, and relu makes 0 of it. A unit that is 0 on the
whole batch is dead.

Step with space to the second backward pass and press x. The derivative of relu is 0 there: no gradient comes through
to w1. And w2.grad is made of h, which is 0. Both are zero to the last bit, the update moves nothing, and so it stays:
y_hat is 0 and the loss is 18.6667 for ever.

A leaky ReLU lets a tenth through where z is negative, of the value and of the gradient. Go back to the first forward
stop with left, press : and type leaky = True: after the same first step the loss is 4.0884, then 1.0249, 0.1309, 0.0093
and 0.0005. Or take a shorter step: press - three times there, for lr = 0.025, and no unit dies.
"""

import torch
from torch.nn.functional import leaky_relu

leaky = False  # True: a tenth of the gradient comes through

x = torch.tensor([[1.0], [2.0], [3.0]])
y = 2 * x
w1 = torch.tensor([[1.0, 1.5, 1.0]], requires_grad=True)
w2 = torch.tensor([[1.0], [1.0], [1.0]], requires_grad=True)
optimizer = torch.optim.SGD([w1, w2], lr=0.2)

for iteration in range(6):
    # forward
    z = x @ w1
    h = leaky_relu(z, 0.1) if leaky else torch.relu(z)
    y_hat = h @ w2
    loss = ((y_hat - y) ** 2).mean()
    dead = (h == 0).all(dim=0).sum().item()
    print(f"iteration {iteration + 1}: loss {loss.item():.4f}, dead units {dead} of 3")

    # backward
    optimizer.zero_grad()
    loss.backward()

    # update
    optimizer.step()
