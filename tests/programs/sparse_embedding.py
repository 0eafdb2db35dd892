"""An embedding with sparse gradients, SparseAdam for it and Adam for the rest: two optimizers, two updates a step.

Phases: f b u u f b u u f b u u
"""

import sys

import torch
from torch import nn

torch.manual_seed(17)
log = {"losses": [], "grads": []}

embedding = nn.Embedding(50, 8, sparse=True)
context = nn.Linear(8, 50)
sparse_optimizer = torch.optim.SparseAdam(embedding.parameters(), lr=0.01)
dense_optimizer = torch.optim.Adam(context.parameters(), lr=0.01)

for step in range(3):
    centre = torch.randint(0, 50, (6,))
    target = (centre + 1) % 50
    sparse_optimizer.zero_grad()
    dense_optimizer.zero_grad()
    loss = nn.functional.cross_entropy(context(embedding(centre)), target)
    loss.backward()
    log["losses"].append(loss.item())
    log["grads"].append({"embedding": embedding.weight.grad.to_dense(), "context": context.weight.grad.clone()})
    sparse_optimizer.step()
    dense_optimizer.step()
    print(step, loss.item())

if len(sys.argv) > 1:
    weights = {"embedding": embedding.weight.detach(), "context": context.weight.detach()}
    torch.save(log | {"weights": weights}, sys.argv[1])
