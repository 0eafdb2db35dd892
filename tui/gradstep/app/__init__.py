"""Shows and steers: textual. Never torch, never the program's process."""
