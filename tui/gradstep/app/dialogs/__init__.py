"""What opens over the debugger: questions, lists, help."""
