"""gradstep: a step-through debugger for backpropagation that lives in the terminal."""

import sys

__version__ = "0.1.0"

TORCH = "2.8 to 2.15"
"""Releases of torch that it was tested with."""


def stop() -> None:
    """Stop here, as `breakpoint()` does, where gradstep shows this program; anywhere else do nothing."""
    hook = sys.breakpointhook
    if getattr(hook, "__module__", "").startswith(f"{__name__}.program."):
        hook()
