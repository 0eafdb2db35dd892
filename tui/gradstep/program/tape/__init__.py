"""The calls of a forward pass as they are recorded."""
