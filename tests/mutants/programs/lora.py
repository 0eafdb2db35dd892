"""Fine-tuning by low-rank adapters: the base is frozen, a new head is trained beside them."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.set_num_threads(1)
torch.manual_seed(0)
x = torch.randn(96, 8)
y = (x[:, :3].sum(1) > 0).long() + (x[:, 3:6].sum(1) > 0).long()
loader = DataLoader(TensorDataset(x, y), batch_size=16, shuffle=True)


class Adapted(nn.Module):
    def __init__(self, base, rank=2):
        super().__init__()
        self.base = base
        self.down = nn.Parameter(torch.randn(rank, base.in_features) * 0.1)
        self.up = nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x):
        return self.base(x) + x @ self.down.T @ self.up.T


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = Adapted(nn.Linear(8, 24))
        self.second = Adapted(nn.Linear(24, 24))
        self.head = nn.Linear(24, 3)

    def forward(self, x):
        hidden = torch.relu(self.first(x))
        hidden = torch.relu(self.second(hidden))
        return F.log_softmax(self.head(hidden), dim=1)


model = Classifier()
for layer in (model.first, model.second):
    for parameter in layer.base.parameters():
        parameter.requires_grad = False
trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
optimizer = torch.optim.AdamW(trained, lr=1e-2)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)

for epoch in range(5):
    total = 0.0
    for inputs, labels in loader:
        log_probabilities = model(inputs)
        loss = F.nll_loss(log_probabilities, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    scheduler.step()
    print(epoch, total / len(loader))
