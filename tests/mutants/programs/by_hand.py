"""A loop by hand: tensors as weights, a custom Function, a likelihood spelled out, an update under no_grad."""

import torch

torch.set_num_threads(1)


class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, upstream):
        (x,) = ctx.saved_tensors
        gate = torch.sigmoid(x)
        return upstream * (gate + x * gate * (1 - gate))


torch.manual_seed(0)
x = torch.randn(96, 6)
y = (x[:, 0] - x[:, 1] > 0).long() + (x[:, 2] > 0.5).long()
w1 = (torch.randn(6, 20) * 0.4).requires_grad_()
b1 = torch.zeros(20, requires_grad=True)
w2 = (torch.randn(20, 3) * 0.2).requires_grad_()
b2 = torch.zeros(3, requires_grad=True)
weights = [w1, b1, w2, b2]
rate = 0.5

for step in range(24):
    rows = torch.randint(0, 96, (32,))
    hidden = Swish.apply(x[rows] @ w1 + b1)
    logits = hidden @ w2 + b2
    log_probabilities = torch.log_softmax(logits, dim=1)
    likelihood = log_probabilities[torch.arange(32), y[rows]]
    loss = -likelihood.mean()
    loss.backward()
    with torch.no_grad():
        for weight in weights:
            weight -= rate * weight.grad
            weight.grad.zero_()
    if step % 6 == 5:
        print(step, loss.item())
