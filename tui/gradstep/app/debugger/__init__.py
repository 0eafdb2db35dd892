"""The debugger: its screen, and where the panes stand on it."""
