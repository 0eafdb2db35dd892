"""The data of train.py."""

import torch


def batch(size):
    x = torch.rand(size, 2)
    return x, (x[:, :1] > x[:, 1:]).float()
