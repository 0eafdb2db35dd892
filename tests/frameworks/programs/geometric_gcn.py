"""torch_geometric: a two-layer GCN on a random graph, with a mask.

Library: torch_geometric
Phases: f b u f b u f b u
Loss: loss
"""

import sys

import torch
import torch.nn.functional as F
from torch_geometric.data import Data
from torch_geometric.nn import GCNConv

torch.manual_seed(11)


class GCN(torch.nn.Module):
    def __init__(self, features, hidden, classes):
        super().__init__()
        self.conv1 = GCNConv(features, hidden)
        self.conv2 = GCNConv(hidden, classes)

    def forward(self, x, edge_index):
        x = F.dropout(x, p=0.2, training=self.training)
        x = self.conv1(x, edge_index).relu()
        return self.conv2(x, edge_index)


x = torch.randn(30, 8)
data = Data(x=x, edge_index=torch.randint(0, 30, (2, 90)), y=x[:, :3].argmax(1))
data.train_mask = torch.rand(30) < 0.7
model = GCN(data.num_features, 16, 3)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=5e-4)


def train():
    model.train()
    optimizer.zero_grad()
    out = model(data.x, data.edge_index)
    loss = F.cross_entropy(out[data.train_mask], data.y[data.train_mask])  # the loss
    loss.backward()
    optimizer.step()
    return float(loss.detach())


@torch.no_grad()
def test():
    model.eval()
    prediction = model(data.x, data.edge_index).argmax(dim=-1)
    return (prediction == data.y)[~data.train_mask].float().mean().item()


losses = []
for epoch in range(3):
    losses += [train(), test()]

if len(sys.argv) > 1:
    names = [f"model.{name}" for name, _ in model.named_parameters()]
    torch.save({"weights": model.state_dict(), "losses": losses, "names": names}, sys.argv[1])
