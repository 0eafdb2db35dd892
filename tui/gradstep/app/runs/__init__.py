"""The runs of a program, their stops, and what is kept of them; no textual."""
