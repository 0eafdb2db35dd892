"""gradstep: a step-through debugger for backpropagation that lives in the terminal."""

__version__ = "0.1.0"
