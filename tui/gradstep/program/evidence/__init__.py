"""What findings need to know beyond what is shown; made while the program waits, or with a stop that is sent whole."""
