"""One run seen from inside: hears the program, and makes the stops."""
