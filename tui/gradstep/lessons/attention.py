"""Attention: copy what matches

Three tokens a, b, c, each a 1 in a place of its own. One is asked for at a time: c, a, b, and again. A head of
attention learns to find the token that matches the question, and to copy it.

- q = W_q · question: the query. The rows of k are the keys of a, b and c, the rows of v what they hand over.
- scores = k · q / √3: how well each key matches the query. 3 is the length of q; the root keeps scores moderate.
- weights: softmax makes them positive, with sum 1. The question shares out its attention.
- logits = weights · v: the mean of the values, weighted so. The largest tells the answer.

In general the keys are tokens · W_k and the values tokens · W_v. These tokens are the unit matrix, so that k is W_k
itself and v is W_v.

All three begin as ones on the diagonal. The match scores 1/√3 = 0.5774, all else 0, and gets 0.4711 of the attention,
the others 0.2645 each: it looks there already, but not firmly. Each time that c is asked for, at iterations 1, 4, 7 and
10, it gets more: 0.4711, 0.6116, 0.8789, 0.9487, and the loss is 0.9657, 0.8392, 0.3247, 0.1459.

Step the first backward pass with o and follow the boxes. To weights comes -0.6193 for the match and 0.3096 for the
others: more of it would help. SoftmaxBackward0 makes -0.2315 and 0.1157 of them: their sum is 0, what one gains the
others lose. From the scores the gradient parts: to k by way of q, to q and W_q by way of k. To v it comes from logits.

At iterations 2 and 3 the loss rises, to 1.1893 and 1.3296, and gradstep calls it no fault: the question is another one,
and what has been learned for c alone does not help a and b. Their own turns do.
"""

import torch
from torch.nn.functional import cross_entropy

tokens = torch.eye(3)  # a, b, c

W_q = torch.eye(3, requires_grad=True)
k = torch.eye(3, requires_grad=True)
v = torch.eye(3, requires_grad=True)
optimizer = torch.optim.SGD([W_q, k, v], lr=2.0)

for iteration in range(12):
    right = torch.tensor([2, 0, 1][iteration % 3])  # c, a, b
    question = tokens[right]

    # forward
    q = W_q @ question
    scores = k @ q / 3**0.5
    weights = scores.softmax(dim=0)
    logits = weights @ v
    loss = cross_entropy(logits, right)
    shares = ", ".join(f"{name} {share:.4f}" for name, share in zip("abc", weights.tolist(), strict=True))
    print(f"iteration {iteration + 1:2}: {'abc'[right]}? {shares}; loss {loss.item():.4f}")

    # backward
    optimizer.zero_grad()
    loss.backward()

    # update
    optimizer.step()
