"""One file per finding: pure functions over the stops so far. No torch, no textual."""
