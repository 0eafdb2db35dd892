"""A classifier of points: dropout, a schedule by epochs, evaluation after each."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.set_num_threads(1)
torch.manual_seed(0)
points = torch.randn(160, 6)
classes = (points[:, 0] > 0).long() + (points[:, 1] + points[:, 2] > 0).long()
train = DataLoader(TensorDataset(points[:128], classes[:128]), batch_size=16, shuffle=True)
held_out = DataLoader(TensorDataset(points[128:], classes[128:]), batch_size=16)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.ModuleList([nn.Linear(6, 24), nn.Linear(24, 24)])
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(24, 3)

    def forward(self, x):
        for layer in self.hidden:
            x = self.dropout(torch.relu(layer(x)))
        return self.head(x)


def evaluate(model):
    model.eval()
    correct = 0
    with torch.no_grad():
        for x, y in held_out:
            correct += (model(x).argmax(1) == y).sum().item()
    return correct / 32


model = Net()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.3)

for epoch in range(4):
    model.train()
    total = 0.0
    for x, y in train:
        optimizer.zero_grad()
        logits = model(x)
        loss = F.cross_entropy(logits, y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        total += loss.item()
    scheduler.step()
    print(epoch, total / len(train), evaluate(model))
