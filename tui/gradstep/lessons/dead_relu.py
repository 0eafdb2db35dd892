"""Dead ReLU: units that never wake again

Three hidden units shall learn y = 2x from the sixteen inputs 1 to 16. They begin with a slope of 3.5, all alive.

The first gradient is 280.5 for each weight of w1, and with lr = 0.01 each falls by 2.805: w1 is now -1.805, -1.305,
-1.805. The inputs are positive, so z is negative for every unit on every input, and relu makes 0 of it. A unit that is
0 on the whole batch is dead.

Step with space to the second backward pass and press x. The derivative of relu is 0 there: no gradient comes through
to w1. And w2.grad is made of h, which is 0. Both are zero to the last bit, the update moves nothing, and so it stays:
y_hat is 0 and the loss is 374 for ever.

A leaky ReLU lets a tenth through where z is negative, of the value and of the gradient. Go back to the first forward
stop with left, press : and type leaky = True. After the same first step the loss falls: 210.3750, 80.8362, 19.9890,
2.5031, 0.1746, 0.0092. Or take a shorter step: press - three times there, for lr = 0.00125, and no unit dies.
"""

import torch
from torch.nn.functional import leaky_relu, mse_loss

leaky = False  # True: a tenth of the gradient comes through

x = torch.arange(1.0, 17.0)[:, None]
y = 2 * x
w1 = torch.tensor([[1.0, 1.5, 1.0]], requires_grad=True)
w2 = torch.tensor([[1.0], [1.0], [1.0]], requires_grad=True)
optimizer = torch.optim.SGD([w1, w2], lr=0.01)

for iteration in range(6):
    # forward
    z = x @ w1
    h = leaky_relu(z, 0.1) if leaky else torch.relu(z)
    y_hat = h @ w2
    loss = mse_loss(y_hat, y)
    dead = (h == 0).all(dim=0).sum().item()
    print(f"iteration {iteration + 1}: loss {loss.item():.4f}, dead units {dead} of 3")

    # backward
    optimizer.zero_grad()
    loss.backward()

    # update
    optimizer.step()
