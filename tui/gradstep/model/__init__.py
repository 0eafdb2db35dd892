"""What a stop is: frozen values, known to both processes. No torch, no textual, no rich."""
