"""Stands before torchvision where torch has no CUDA: its builds for Linux need CUDA to be imported.

Declares the two operators whose absence makes the import fail, and makes way for the real package.
"""

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path

import torch

here = Path(__file__).parent
spec = PathFinder.find_spec("torchvision", [entry for entry in sys.path if Path(entry).absolute() != here])
if spec is None or spec.loader is None:
    raise ModuleNotFoundError("No module named 'torchvision'", name="torchvision")
for name in ("nms", "qnms"):
    torch.library.define(f"torchvision::{name}", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
module = sys.modules["torchvision"] = module_from_spec(spec)
spec.loader.exec_module(module)
