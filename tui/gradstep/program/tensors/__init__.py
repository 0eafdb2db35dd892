"""Reading tensors without being noticed."""
