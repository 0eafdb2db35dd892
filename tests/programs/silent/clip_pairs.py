"""Two encoders and a learned temperature: cross entropy over an N x N table, both ways."""

import math

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
image_encoder, text_encoder = nn.Linear(10, 8), nn.Linear(6, 8)
logit_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))
parameters = [*image_encoder.parameters(), *text_encoder.parameters(), logit_scale]
optimizer = torch.optim.AdamW(parameters, lr=2e-3)
latent = torch.randn(160, 4)
images, texts = latent @ torch.randn(4, 10), latent @ torch.randn(4, 6)
labels = torch.arange(16)
for step in range(50):
    rows = torch.randperm(160)[:16]
    i = F.normalize(image_encoder(images[rows]), dim=-1)
    t = F.normalize(text_encoder(texts[rows]), dim=-1)
    logits = logit_scale.exp() * i @ t.T
    loss = (F.cross_entropy(logits, labels) + F.cross_entropy(logits.T, labels)) / 2
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        logit_scale.clamp_(0, math.log(100))
