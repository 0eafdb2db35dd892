"""A graph net on one graph: the same data at every step, labels known for some nodes only."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
N = 40
features = torch.randn(N, 8)
labels = (features[:, 0] > 0).long()
edges = torch.rand(N, N) < 0.1
A = (edges | edges.T | torch.eye(N, dtype=torch.bool)).float()
degree = A.sum(1)
A_hat = (A / (degree[:, None] * degree[None]).sqrt()).to_sparse()
train_mask = torch.arange(N) < 25


class GCN(nn.Module):
    def __init__(self):
        super().__init__()
        self.w1, self.w2 = nn.Linear(8, 16, bias=False), nn.Linear(16, 2, bias=False)

    def forward(self, x):
        x = F.relu(torch.sparse.mm(A_hat, self.w1(x)))
        x = F.dropout(x, 0.5, training=self.training)
        return F.log_softmax(torch.sparse.mm(A_hat, self.w2(x)), dim=1)


model = GCN()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=5e-4)
for epoch in range(50):
    model.train()
    optimizer.zero_grad()
    out = model(features)
    loss = F.nll_loss(out[train_mask], labels[train_mask])
    loss.backward()
    optimizer.step()
    if epoch % 10 == 9:
        model.eval()
        with torch.no_grad():
            pred = model(features).argmax(1)
        print(epoch, (pred == labels)[~train_mask].float().mean().item())
