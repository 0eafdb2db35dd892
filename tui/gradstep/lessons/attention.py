"""Attention: copy what matches

Three tokens a, b, c, each a 1 in a place of its own. Three questions: c, a, b. One head of attention learns to find the
token that matches the question, and to copy it.

- q, k, v: a query for each question, a key and a value for each token, by three matrices that are learned.
- scores = q · kᵀ / √3: how well each question (row) matches each token (column); √3 is the root of the query's length.
- weights: softmax makes each row positive with sum 1. Each question shares out its attention.
- logits = weights · v: the mean of the values, weighted so. The largest of a row is the token that it answers.

The matrices begin as ones on the diagonal. A match then scores 1/√3 = 0.5774 and all else 0, so 0.4711 of the attention
goes to the right token and 0.2645 to each of the others: it looks there already, but not firmly.

Step with space, choose the box weights in the graph and watch its bright places: 0.4711, 0.5308, 0.6374, 0.7605, up to
0.9391, while the loss falls from 0.9657 to 0.1279. Step the first backward pass with o: one gradient comes to weights,
and softmax turns it into more for the match and less for the others, in sum 0. Through q and k it reaches W_q and W_k,
by a way of its own W_v.
"""

import torch
from torch.nn.functional import cross_entropy

tokens = torch.eye(3)  # a, b, c
right = torch.tensor([2, 0, 1])  # c, a, b
questions = tokens[right]

W_q = torch.eye(3, requires_grad=True)
W_k = torch.eye(3, requires_grad=True)
W_v = torch.eye(3, requires_grad=True)
optimizer = torch.optim.SGD([W_q, W_k, W_v], lr=3.0)

for iteration in range(8):
    # forward
    q = questions @ W_q
    k = tokens @ W_k
    v = tokens @ W_v
    scores = q @ k.T / 3**0.5
    weights = scores.softmax(dim=1)
    logits = weights @ v
    loss = cross_entropy(logits, right)
    print(f"iteration {iteration + 1}: loss {loss.item():.4f}, attention to the match {weights[0, 2].item():.4f}")

    # backward
    optimizer.zero_grad()
    loss.backward()

    # update
    optimizer.step()
