"""gradstep: a step-through debugger for backpropagation that lives in the terminal."""

__version__ = "0.1.0"

TORCH = "2.8 to 2.15"
"""Releases of torch that it was tested with."""
