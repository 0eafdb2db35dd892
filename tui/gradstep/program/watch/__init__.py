"""Sees what the program does with torch and makes stops of it."""
