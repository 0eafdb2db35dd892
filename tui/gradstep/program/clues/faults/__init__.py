"""What an exception was about that has ended the program: which tensors, where they came from, which lines."""
