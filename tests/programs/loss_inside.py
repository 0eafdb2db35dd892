"""The loss is made inside the module's forward, which returns it with the logits (as Hugging Face models do).

Phases: f b u f b u f b u f b u
"""

import sys

import torch
from torch import nn

torch.manual_seed(52)
log = {"losses": [], "grads": []}


class Tagger(nn.Module):
    def __init__(self, words, tags):
        super().__init__()
        self.embed = nn.Embedding(words, 10)
        self.lstm = nn.LSTM(10, 8, bidirectional=True, batch_first=True)
        self.head = nn.Linear(16, tags)

    def forward(self, words, labels=None):
        features, _ = self.lstm(self.embed(words))
        logits = self.head(features)
        loss = None
        if labels is not None:
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())
        return {"loss": loss, "logits": logits}


model = Tagger(20, 5)
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
words, labels = torch.randint(0, 20, (3, 7)), torch.randint(0, 5, (3, 7))

for step in range(4):
    output = model(words, labels)
    output["loss"].backward()
    log["losses"].append(output["loss"].item())
    log["grads"].append({name: p.grad.clone() for name, p in model.named_parameters()})
    optimizer.step()
    optimizer.zero_grad()
    print(step, log["losses"][-1])

if len(sys.argv) > 1:
    torch.save(log | {"weights": model.state_dict()}, sys.argv[1])
