"""The process itself: forked, made to look like plain Python, connected to the screen. No torch."""
