"""Ops and nodes as a graph, and the gradients that flow through it."""
