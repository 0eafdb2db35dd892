"""Telling of reads leaves standard input as it was."""

from __future__ import annotations

import subprocess
import sys

READS = """
import sys
a = input("? ")
b = sys.stdin.readline()
c = list(sys.stdin)
raw = sys.stdin.buffer.raw
print(repr((a, b, c, type(raw), raw.name, sys.stdin, sys.stdin is sys.__stdin__)))
"""
TOLD = """
from gradstep.program.host.stdin import tell_of_reading
tell_of_reading(lambda: None)
"""


def output(code: str, text: str) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def test_what_is_read_is_the_same() -> None:
    for text in ("one\ntwo\nthree\nfour", "one\ntwo\n"):
        assert output(TOLD + READS, text) == output(READS, text)


def test_it_is_told_only_where_nothing_is_there() -> None:
    code = TOLD.replace("lambda: None", "lambda: print('asked', flush=True)") + "print(input())\nprint(input())"
    program = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert program.stdin is not None
    assert program.stdout is not None
    assert program.stdout.readline() == "asked\n"
    program.stdin.write("one\ntwo\n")
    program.stdin.close()
    assert program.stdout.read() == "one\ntwo\n"
    assert program.wait() == 0
