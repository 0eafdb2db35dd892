"""A policy's log-probability goes up by hand, as far as the return says: all returns are above 0."""

import torch

torch.manual_seed(0)
w = torch.zeros(4, 3, requires_grad=True)
for episode in range(40):
    s = torch.randn(4)
    d = torch.distributions.Categorical(logits=s @ w)
    a = d.sample()
    gain = 1.0 + torch.rand(()).item() + float(a == 0)
    lp = d.log_prob(a)
    lp.backward()
    with torch.no_grad():
        w += 0.05 * gain * w.grad
        w.grad.zero_()
