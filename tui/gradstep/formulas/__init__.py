"""Readable derivatives of PyTorch's ops, from a table of expressions. No torch, nothing that shows."""

from gradstep.formulas.call import Argument, Call
from gradstep.formulas.explain import explain
from gradstep.formulas.pytorch import PyTorchRules

__all__ = ["Argument", "Call", "PyTorchRules", "explain"]
