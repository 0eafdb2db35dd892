"""Training loops under pytest: the plugin, and what a test is given of a run."""
