"""The pane of the graph."""
