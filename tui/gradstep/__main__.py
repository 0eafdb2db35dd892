"""`python -m gradstep`."""

from gradstep.cli import main

main(prog_name="gradstep")
