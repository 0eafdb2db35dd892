"""The debugger, the lessons, help and prompts."""
