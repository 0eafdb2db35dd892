"""Ten layers: gradients that vanish and explode

Ten layers of one unit each, h = sigmoid(w · h - centre), with the centre chosen so that every h is 0.5 and every sigmoid
is at its steepest. Even there its derivative is only 1/4. So a gradient that comes back through a layer is multiplied
by w/4, and after nine layers by (w/4)⁹. Ten layers in a row turn that factor into a fate.

- Weights of 1 make the factor 1/4: from layer 10 to layer 1 the gradient falls from -0.05 to -0.00000019.
- Weights of 16 make it 4: the gradient grows from -0.05 to -13107.2.
- Weights of 4 make it 1: -0.05 in all ten layers.

The three networks are trained one after the other, three iterations each. Go through the first backward pass with o and
watch the gradient shrink from box to box; x writes out the product. Then step with space.

Where it vanishes, the last layers learn and the first does not move by a single bit: 0.25 · 0.00000019 is too small to
change a float32 of 1. Where it explodes, the first weight jumps from 16 to 3293, all sigmoids end at 1 where they are
flat, and the loss stands at 0.09 for good. Where the factor is 1 all ten layers learn, and the loss falls.

In a layer of many units the same product decides, on the average over its weights: the initialisations of Xavier and
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
        for w in weights:
            h = torch.sigmoid(w * h - centre)
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
