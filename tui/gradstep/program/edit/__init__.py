"""Changes the paused program: its learning rate, its variables, the step it has just taken."""
