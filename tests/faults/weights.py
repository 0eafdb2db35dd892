"""Imported by the hostile programs: writes at their end what their leaves are, to the bit."""

import atexit
import hashlib
import multiprocessing
import os
import sys
from typing import Any

import torch


def _bits(tensor: torch.Tensor) -> str:
    with torch.no_grad(), torch._C.DisableTorchFunction():
        dense = tensor.detach()
        dense = dense.to_dense() if dense.layout is not torch.strided else dense
        if not dense.numel() or not dense.untyped_storage().nbytes():
            return "empty"
        return hashlib.sha256(dense.cpu().clone().reshape(-1).view(torch.uint8).numpy().tobytes()).hexdigest()[:16]


def _found(names: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in list(names.items()):
        if type(name) is not str or name.startswith("__"):
            continue
        parts: list[tuple[str, Any]]
        if issubclass(type(value), torch.nn.Module):
            parts = [(f"{name}.{path}", item) for path, item in torch.nn.Module.named_parameters(value)]
        else:
            parts = [(name, value)]
        for path, item in parts:
            try:
                if type(item) in (torch.Tensor, torch.nn.Parameter) and item.is_leaf and item.requires_grad:
                    found[path] = _bits(item), "" if item.grad is None else _bits(item.grad)
            except RuntimeError as error:
                found[path] = type(error).__name__
    return found


def _write(
    process: int, path: str, names: dict[str, Any], repr: Any = repr, open: Any = open, getpid: Any = os.getpid
) -> None:
    if getpid() != process:
        return
    file = open(path, "w", errors="backslashreplace")
    file.write(repr(_found(names)))
    file.close()


torch.manual_seed(5)
if multiprocessing.parent_process() is None:
    atexit.register(_write, os.getpid(), os.path.abspath(sys.argv[1]), sys.modules["__main__"].__dict__)
