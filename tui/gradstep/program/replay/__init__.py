"""Forward passes that are run again, with other weights or other data."""
