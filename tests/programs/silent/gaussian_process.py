"""The parameters of a Gaussian process by its marginal likelihood, spelled out, updated by hand."""

import math

import torch

torch.manual_seed(0)
x = torch.linspace(0, 6, 24, dtype=torch.float64)
y = torch.sin(x) + 0.1 * torch.randn(24, dtype=torch.float64)
log_length = torch.zeros((), dtype=torch.float64, requires_grad=True)
log_signal = torch.zeros((), dtype=torch.float64, requires_grad=True)
log_noise = torch.tensor(-1.0, dtype=torch.float64, requires_grad=True)
params = [log_length, log_signal, log_noise]
for it in range(50):
    distances = (x[:, None] - x[None, :]) ** 2
    K = log_signal.exp() * torch.exp(-0.5 * distances / (2 * log_length).exp())
    L = torch.linalg.cholesky(K + log_noise.exp() * torch.eye(24, dtype=torch.float64))
    alpha = torch.cholesky_solve(y[:, None], L)
    nll = 0.5 * (y @ alpha.squeeze(1)) + L.diagonal().log().sum() + 12 * math.log(2 * math.pi)
    grads = torch.autograd.grad(nll, params)
    with torch.no_grad():
        for p, g in zip(params, grads):
            p -= 0.01 * g
