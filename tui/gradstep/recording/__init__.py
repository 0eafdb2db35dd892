"""Runs kept in a file, to be looked at again without torch and without running anything."""
