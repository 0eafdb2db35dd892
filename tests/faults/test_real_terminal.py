"""However the screen ends, the terminal is as it was and no process is left; nothing that a text contains is obeyed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import xml.dom.minidom
from pathlib import Path

import pytest
from gradstep.model.printable import PrintedStream, printable, printable_line, printable_signs
from hypothesis import given
from hypothesis import strategies as st
from real_terminal import RealTerminal, alive, stepping

HOSTILE = {
    "title": "\x1b]0;PWNED\x07",
    "clipboard": "\x1b]52;c;cm0gLXJmIH4=\x1b\\",
    "colour": "\x1b[41m",
    "mode": "\x1b[?1049h",
    "device": "\x1bP$qm\x1b\\",
    "application": "\x1b_Gi=1\x1b\\",
    "c1": "\x9d0;PWNED\x9c\x9b41m",
    "bidi": "\u202eabc\u2066def",
}
ALL = "".join(HOSTILE.values())
OURS = re.compile(
    rb"\x1b\[[0-9;]*[mHfJK]|\x1b\[\?(?:1049|1000|1003|1015|1006|1004|2004|2048|2026|25|7)[hl]|\x1b\[\?20(?:26|48)\$p"
    rb"|\x1b\[>[0-9]+u|\x1b\[<u|\x1b\]22;[a-z-]+\x07"
)
"""What Textual itself writes."""


def foreign(written: bytes) -> list[bytes]:
    """Control sequences and signs in it that are not the screen's own."""
    rest = OURS.sub(b"", written).decode()
    return [
        sign.encode()
        for sign in re.findall(r"[^\S\r\n\t ]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", rest)
        if sign not in "\xa0"
    ]


PROGRAM = f"""# {ALL}
import torch
name = {ALL!r}
class Proxy:
    def __repr__(self): return name
proxy = Proxy()
table = torch.nn.ModuleDict({{name.replace(".", ""): torch.nn.Linear(2, 1)}})
loss = sum(module(torch.ones(2)) for module in table.values()).sum()
loss.backward()
print(name)
raise RuntimeError(name)
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / f"x{HOSTILE['title']}{HOSTILE['c1']}[/].py".replace("/]", "]")
    path.write_text(PROGRAM)
    return path


def test_nothing_in_a_program_is_obeyed_by_the_terminal(program: Path) -> None:
    with stepping(program) as terminal:
        terminal.type("ks g")
        while b"Python in" not in terminal.bytes:  # it opens once the program waits
            terminal.type(":")
            terminal.read(0.5)
        at = len(terminal.bytes)
        terminal.type("\x15proxy\r")
        terminal.wait_for(">>>", since=at)
        while b"RuntimeError" not in terminal.bytes:
            terminal.type("\x1b")
            terminal.read(0.5)
            terminal.type("e")
            terminal.read(0.5)
        terminal.type("q")
        terminal.exit_code()
        assert foreign(terminal.bytes) == []


@pytest.mark.parametrize("json", [[], ["--json"]], ids=["table", "json"])
def test_nor_in_a_trace(program: Path, json: list[str]) -> None:
    with RealTerminal("trace", *json, program, TERM="dumb") as terminal:
        assert terminal.exit_code() == 1
        assert b"backward" in terminal.bytes
        assert foreign(terminal.bytes) == []


@pytest.mark.parametrize(
    "arguments", [["run", f"no{ALL}.py"], ["run", "-m", f"no{ALL}"], ["trace", f"--no{ALL}"], [f"no{ALL}"]]
)
def test_nor_in_an_error_of_the_command_line(arguments: list[str]) -> None:
    with RealTerminal(*arguments) as terminal:
        assert terminal.exit_code() == 2
        assert terminal.bytes.count(b"\n") == 1
        assert foreign(terminal.bytes) == []


def test_a_picture_is_xml_whatever_is_in_it(program: Path, tmp_path: Path) -> None:
    picture = tmp_path / "picture.svg"
    command = [
        sys.executable,
        "-m",
        "gradstep.cli",
        "screenshot",
        "-k",
        "space s c k",
        "-o",
        str(picture),
        str(program),
    ]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    xml.dom.minidom.parse(str(picture))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("where", ["lessons", "waiting", "running"])
def test_the_terminal_is_as_it_was_after(number: signal.Signals, where: str, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("import torch\nw = torch.ones(1, requires_grad=True)\nw.sum().backward()\nwhile True: pass\n")
    with RealTerminal(*(() if where == "lessons" else ("run", program))) as terminal:
        terminal.wait_for("Lessons" if where == "lessons" else "stands at its beginning")
        if where == "running":
            terminal.type("e")
            terminal.wait_for("running")
        assert terminal.stty() != terminal.modes
        started = terminal.descendants()
        os.kill(terminal.process.pid, number)
        assert terminal.exit_code() == -number
        terminal.wait(lambda: not any(map(alive, started)), "the end of all processes")
        while terminal.read():
            pass
        assert terminal.stty() == terminal.modes
        assert terminal.bytes.rfind(b"\x1b[?1049l") > terminal.bytes.rfind(b"\x1b[?1049h")
        assert terminal.bytes.rfind(b"\x1b[?25h") > terminal.bytes.rfind(b"\x1b[?25l")


def test_stopped_from_outside_and_continued() -> None:
    with RealTerminal() as terminal:
        at = terminal.wait_for("Lessons")
        for _ in range(2):
            os.kill(terminal.process.pid, signal.SIGSTOP)
            os.kill(terminal.process.pid, signal.SIGCONT)
            at = terminal.wait_for("Lessons", since=at)
        terminal.type("q")
        assert terminal.exit_code() == 0
        assert terminal.stty() == terminal.modes


def test_suspended_with_a_key_and_back() -> None:
    with RealTerminal() as terminal:
        at = terminal.wait_for("Lessons")
        terminal.type("\x1a")
        terminal.wait(lambda: _state(terminal.process.pid) == "T", "the suspension")
        assert terminal.stty() == terminal.modes
        os.kill(terminal.process.pid, signal.SIGCONT)
        terminal.wait_for("Lessons", since=at)
        terminal.type("q")
        assert terminal.exit_code() == 0
        assert terminal.stty() == terminal.modes


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


@given(st.lists(st.text(st.sampled_from("\x1b[]P_\\\x07\x9b\x9d\x9c\x90;0m\n\r x\u202e\ud800é"), max_size=6)))
def test_print_is_cleaned_alike_in_any_pieces(pieces: list[str]) -> None:
    stream = PrintedStream()
    found = "".join(stream.clean(piece) for piece in pieces)
    assert found == PrintedStream().clean("".join(pieces))
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e\ud800]", found)


@pytest.mark.parametrize("text", ["שלום עולם", "مرحبا", "e\u0301", "日本語", "👩\u200d💻", "a[1m]", "\\x1b[m"])
def test_what_is_no_control_stays(text: str) -> None:
    assert printable(text) == printable_line(text) == printable_signs(text) == PrintedStream().clean(text) == text


@pytest.mark.parametrize("sequence", HOSTILE.values(), ids=HOSTILE)
def test_a_sequence_goes_as_a_whole(sequence: str) -> None:
    assert printable(f"a{sequence}b\n") in ("ab\n", "aabcdefb\n")


def test_windows_lines_tabs_and_halves_of_pairs() -> None:
    assert printable("a\r\nb\rc\td\ud800") == "a\nb\nc\td?"
    assert printable_line("a\r\nb \t c") == "a b c"
