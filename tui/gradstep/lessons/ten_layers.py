"""Ten layers: gradients that vanish and explode

Ten layers of one unit each: h = sigmoid(w · h - centre). The centre is chosen so that every h is 0.5 and every sigmoid
at its steepest. Even there its derivative is only 1/4, and so a gradient that comes back through a layer is multiplied
by w/4. From layer 10 to layer 1 that happens nine times.

- Weights of 1 make the factor 1/4. The gradient falls from -0.05 to -0.05/4⁹ = -1.9073e-07.
- Weights of 16 make it 4. The gradient grows from -0.05 to -0.05 · 4⁹ = -13107.2.
- Weights of 4 make it 1. The gradient is -0.05 in all ten layers.

Three networks are trained one after the other, three iterations each. Go through the first backward pass with o, and
watch the gradient shrink from box to box. Then press x: δ is what has arrived at the first layer. Step on with space.

Where it vanishes the last layers learn, but weights[0] does not move by a single bit: 0.25 · 1.9073e-07 is too little
to change a float32 that is 1. Where it explodes weights[0] jumps from 16 to 3292.8, the sigmoids end near 1 where they
are flat, and the loss rises from 0.0400 to 0.0898 and stays there. Where the factor is 1 all ten layers learn, and the
loss falls: 0.0400, 0.0339, 0.0285.

In a layer of many units the same product decides, on the average over its weights. The initialisations of Xavier and
Kaiming choose their size so that it is near 1.
"""

import torch


def train(name, size):
    """Three iterations of ten layers whose weights begin at that size."""
    x = torch.tensor(0.5)
    y = torch.tensor(0.7)
    centre = size / 2
    weights = [torch.tensor(size, requires_grad=True) for _ in range(10)]
    optimizer = torch.optim.SGD(weights, lr=0.25)

    for iteration in range(3):
        # forward
        h = x
        for layer in range(10):
            h = torch.sigmoid(weights[layer] * h - centre)
        loss = (h - y) ** 2

        # backward
        optimizer.zero_grad()
        loss.backward()
        last, first = weights[9].grad.item(), weights[0].grad.item()
        print(f"{name}, iteration {iteration + 1}: loss {loss.item():.4f}, gradient {last:.2g} to {first:.2g}")

        # update
        optimizer.step()


train("vanishes", 1.0)
train("explodes", 16.0)
train("stays", 4.0)
