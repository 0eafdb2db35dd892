"""torch_geometric: classes of small graphs, in batches.

Library: torch_geometric
Phases: f b u f b u f b u
Loss: loss
"""

import sys

import torch
from torch import nn
from torch_geometric.data import Data
from torch_geometric.loader import DataLoader
from torch_geometric.nn import GATConv, GINConv, global_mean_pool


class Net(nn.Module):
    def __init__(self, features, hidden):
        super().__init__()
        self.gin = GINConv(
            nn.Sequential(nn.Linear(features, hidden), nn.BatchNorm1d(hidden), nn.ReLU()), train_eps=True
        )
        self.gat = GATConv(hidden, hidden // 2, heads=2)
        self.lin = nn.Linear(hidden, 2)

    def forward(self, data):
        x = self.gin(data.x, data.edge_index)
        x = nn.functional.elu(self.gat(x, data.edge_index))
        return self.lin(global_mean_pool(x, data.batch))


def graph():
    nodes = int(torch.randint(5, 9, ()))
    x = torch.randn(nodes, 4)
    return Data(x=x, edge_index=torch.randint(0, nodes, (2, 3 * nodes)), y=(x.mean() > 0).long())


def main():
    torch.manual_seed(26)
    loader = DataLoader([graph() for _ in range(24)], batch_size=8, shuffle=True)
    model = Net(4, 8)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    criterion = nn.CrossEntropyLoss()
    losses = []
    model.train()
    for data in loader:
        optimizer.zero_grad()
        out = model(data)
        loss = criterion(out, data.y)  # the loss
        loss.backward()
        optimizer.step()
        losses.append(loss.item() * data.num_graphs)
    if len(sys.argv) > 1:
        names = [f"model.{name}" for name, _ in model.named_parameters()]
        torch.save({"weights": model.state_dict(), "losses": losses, "names": names}, sys.argv[1])


if __name__ == "__main__":
    main()
