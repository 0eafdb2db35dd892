"""One pane, one file, one class."""
