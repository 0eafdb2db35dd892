"""Runs a program as python alone would; writes as JSON what torch tells of autograd's graph before each backward.

A line a call: the nodes as they are met from the root, each with its class, the places of those in `next_functions`,
and the content of the leaf that an `AccumulateGrad` deposits into.
"""

from __future__ import annotations

import json
import runpy
import sys
from collections.abc import Callable
from typing import Any

import torch


def walked(root: torch.Tensor) -> list[tuple[str, list[int], Any]]:
    met, places = [root.grad_fn], {root.grad_fn: 0}
    found = []
    for node in met:
        assert node is not None
        above = [other for other, _ in node.next_functions if other is not None]
        for other in above:
            if other not in places:
                places[other] = len(met)
                met.append(other)
        variable = getattr(node, "variable", None)
        content = None if variable is None else variable.detach().tolist()
        found.append((type(node).__name__, [places[other] for other in above], content))
    return found


def main() -> None:
    program, out = sys.argv[1:]
    backward: Callable[..., None] = torch.Tensor.backward

    with open(out, "w") as file:

        def watched(self: torch.Tensor, *args: Any, **rest: Any) -> None:
            print(json.dumps(walked(self)), file=file)
            backward(self, *args, **rest)

        torch.Tensor.backward = watched  # type: ignore[method-assign]
        sys.argv = [program]
        runpy.run_path(program, run_name="__main__")


if __name__ == "__main__":
    main()
