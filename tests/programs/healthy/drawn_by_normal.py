"""The weight is the mean of a normal distribution: on the same data the loss rises by the noise that is drawn."""

import torch

torch.manual_seed(3)
w = torch.tensor([1.0, -2.0, 0.5], requires_grad=True)
x = torch.tensor([[2.0, 3.0, 1.0], [1.0, 0.5, -1.0]])
y = torch.tensor([3.0, 1.0])
opt = torch.optim.SGD([w], lr=0.01)
for _ in range(12):
    drawn = torch.normal(w, 0.5) + w
    loss = (x @ drawn - y).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
