"""A program that prints without end: the screen goes on, and its memory does not grow."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from gradstep.app.conversation.inbox import AT_ONCE, ROOM, Inbox
from gradstep.draw.terminal import CUT, LONGEST, Terminal
from gradstep.model.message import Event, Notice, Output
from real_terminal import stepping

BEGIN = "import sys\nimport torch\nw = torch.ones(3, requires_grad=True)\n(w * w).sum().backward()\n"
FLOODS = {
    "lines": 'while True:\n    sys.stdout.write("epoch 1 loss 0.123\\n" * 1000)\n',
    "two streams": 'while True:\n    print("out" * 20)\n    print("err" * 20, file=sys.stderr)\n',
    "one line": 'while True:\n    sys.stdout.write("x" * (1 << 20))\n',
    "progress": 'while True:\n    sys.stdout.write("\\r50 %" * 9999)\n',
    "wide": 'while True:\n    sys.stdout.write("日本語" * 30 + "\\n")\n',
    "escapes": 'while True:\n    sys.stdout.write("\\x1b]0;" + "\\x1b[" * 999)\n',
}
LIMIT = 300
"""MiB that the screen's process may have."""


@pytest.mark.parametrize("flood", FLOODS)
def test_keys_are_answered_while_it_prints(tmp_path: Path, flood: str) -> None:
    program = tmp_path / "flood.py"
    program.write_text(BEGIN + FLOODS[flood])
    with stepping(program) as terminal:
        terminal.type("k")
        terminal.type("e")
        at = terminal.wait_for("running")
        for _ in range(3):
            terminal.type("?")
            at = terminal.wait_for("Help", since=at)
            terminal.type("q")
            at = terminal.wait_for("Console", since=at)
        assert terminal.memory() < LIMIT
        terminal.type("q")
        assert terminal.exit_code() == 0


def test_the_source_waits_until_it_is_heard() -> None:
    announced = threading.Event()
    inbox = Inbox(announced.set)
    put = []

    def flood() -> None:
        for number in range(100):
            inbox.put(Output("x" * (ROOM // 4)))
            put.append(number)

    source = threading.Thread(target=flood)
    source.start()
    assert announced.wait(60)
    heard = 0
    while heard < 100 * (ROOM // 4):
        assert len(inbox) <= 5
        event = inbox.take()
        if isinstance(event, Output):
            heard += len(event.text)
    source.join(60)
    assert len(put) == 100
    assert inbox.take() is None


def test_a_source_that_nobody_hears_any_more_does_not_wait() -> None:
    inbox = Inbox(lambda: None)
    inbox.close()
    source = threading.Thread(target=lambda: inbox.put(Output("x" * 3 * ROOM)))
    source.start()
    source.join(60)
    assert not source.is_alive()


def test_what_was_printed_in_pieces_is_heard_at_once_and_in_its_order() -> None:
    inbox = Inbox(lambda: None)
    events: list[Event] = [
        Output("a"),
        Output("b"),
        Output("c", error=True),
        Output("d"),
        Notice("e"),
        Output("f"),
        Output("g"),
    ]
    for event in events:
        inbox.put(event)
    assert [inbox.take() for _ in range(6)] == [
        Output("ab"), Output("c", error=True), Output("d"), Notice("e"), Output("fg"), None
    ]  # fmt: skip
    for _ in range(3):
        inbox.put(Output("x" * AT_ONCE))
    assert inbox.take() == Output("x" * AT_ONCE)


def test_it_announces_once_until_all_is_heard() -> None:
    announced: list[bool] = []
    inbox = Inbox(lambda: announced.append(True))
    inbox.put(Notice("a"))
    inbox.put(Notice("b"))
    assert inbox.take() == Notice("a")
    inbox.put(Notice("c"))
    assert len(announced) == 1
    assert [inbox.take(), inbox.take(), inbox.take()] == [Notice("b"), Notice("c"), None]
    inbox.put(Notice("d"))
    assert len(announced) == 2


def test_a_line_that_is_too_long_is_cut_and_says_so() -> None:
    terminal = Terminal()
    for _ in range(50):
        terminal.write("x" * 1000)
    terminal.write("\rab\nnext\n" + "y" * LONGEST + "\n" + "z" * (LONGEST + 1) + "\n")
    assert [text for text, _ in terminal.lines] == [
        "ab" + "x" * (LONGEST - 2) + CUT, "next", "y" * LONGEST, "z" * LONGEST + CUT
    ]  # fmt: skip


def test_long_lines_are_forgotten_before_short_ones_would_be() -> None:
    terminal = Terminal(kept=100, room=1000)
    for number in range(100):
        terminal.write(f"{number:03}" + "." * 297 + "\n")
    assert [text[:3] for text, _ in terminal.lines] == ["097", "098", "099"]
    terminal.write("x" * 5000 + "\n")
    assert [text for text, _ in terminal.lines] == ["x" * 5000]
    assert terminal.count == 101
