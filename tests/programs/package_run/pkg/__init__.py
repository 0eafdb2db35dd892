"""A package whose training script is run by `python -m pkg.train` from the folder above it."""
