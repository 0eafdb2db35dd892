"""The conversation with a program: events in, commands and a new state out; no textual."""
