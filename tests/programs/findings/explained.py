"""A layer that was made for another number of features than there are."""

import torch
from torch import nn


class Net(nn.Module):
    """A convolution and a layer that reads it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.head = nn.Linear(100, 10)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Scores of ten classes."""
        h = torch.relu(self.conv(image))
        return self.head(h.flatten(1))


model = Net()
images = torch.randn(2, 1, 8, 8)
logits = model(images)
