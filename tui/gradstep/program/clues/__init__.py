"""What the program does that may be a fault, seen in its ops, its calls and its objects."""
