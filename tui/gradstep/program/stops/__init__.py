"""What is put into a stop."""
