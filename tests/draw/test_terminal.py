"""What a program prints, as lines."""

from gradstep.draw.terminal import Terminal


def lines(terminal: Terminal) -> list[str]:
    return [text for text, _ in terminal.lines]


def test_lines_come_in_any_chunks() -> None:
    terminal = Terminal()
    for chunk in ("one\ntw", "o\n", "\nfour"):
        terminal.write(chunk)
    assert lines(terminal) == ["one", "two", "", "four"]
    assert terminal.count == 4


def test_a_progress_bar_overwrites_its_line() -> None:
    terminal = Terminal()
    for percent in (5, 50, 100):
        terminal.write(f"\r{percent}% done", error=True)
    terminal.write("\nend\n", error=True)
    assert lines(terminal) == ["100% done", "end"]


def test_what_is_shorter_leaves_the_rest_as_a_terminal_does() -> None:
    terminal = Terminal()
    terminal.write("abcdef\rxy\n")
    assert lines(terminal) == ["xycdef"]


def test_windows_newlines_colours_and_control_characters() -> None:
    terminal = Terminal()
    terminal.write("\x1b[31mred\x1b[0m\x07\r\nnext\tcolumn\n")
    assert lines(terminal) == ["red", "next    column"]


def test_streams_do_not_share_a_line() -> None:
    terminal = Terminal()
    terminal.write("out")
    terminal.write("err\n", error=True)
    terminal.write("more\n")
    assert list(terminal.lines) == [("out", False), ("err", True), ("more", False)]


def test_only_the_newest_are_kept_but_all_are_counted() -> None:
    terminal = Terminal(kept=3)
    terminal.write("".join(f"{number}\n" for number in range(1000)))
    assert lines(terminal) == ["997", "998", "999"]
    assert terminal.count == 1000
