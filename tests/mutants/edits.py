"""Edits of a program's text. Each must find its place exactly once, else it fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Edit = Callable[[str], str]
"""A program's text before and after."""


class NoPlace(Exception):
    """An edit's place is not in the program, or is there twice."""


@dataclass(frozen=True, eq=False)
class Mutation:
    """One way to break a program that is right."""

    name: str
    """What was done."""
    kinds: tuple[str, ...]
    """The kinds of finding that name it, any of them; `explained` for an exception that is explained."""
    edits: Mapping[str, Edit]
    """The edit for each program to which it applies."""
    raises: bool = False
    """Whether the program now ends with an exception."""


def put(old: str, new: str) -> Edit:
    """The text `old` replaced."""

    def edit(text: str) -> str:
        if text.count(old) != 1:
            raise NoPlace(f"{old!r} is there {text.count(old)} times")
        return text.replace(old, new)

    return edit


def drop(part: str) -> Edit:
    """Without the line that has `part`."""

    def edit(text: str) -> str:
        lines = text.splitlines()
        del lines[_only(lines, part)]
        return _joined(lines)

    return edit


def before(part: str, *new: str) -> Edit:
    """New lines before the line that has `part`, as far in as that one."""
    return _inserted(part, new, 0)


def after(part: str, *new: str) -> Edit:
    """New lines after the line that has `part`, as far in as that one."""
    return _inserted(part, new, 1)


def within(header: str, first: str, last: str = "") -> Edit:
    """The lines from the one that has `first` to the one that has `last`, below `header`."""

    def edit(text: str) -> str:
        lines = text.splitlines()
        start, end = _span(lines, first, last)
        block = [f"    {line}" for line in lines[start:end]]
        return _joined([*lines[:start], _indent(lines[start]) + header, *block, *lines[end:]])

    return edit


def move(first: str, last: str = "", *, ahead: str = "", behind: str = "") -> Edit:
    """The same lines moved ahead of another one, or behind it, and as far in as that."""

    def edit(text: str) -> str:
        lines = text.splitlines()
        start, end = _span(lines, first, last)
        block, rest = lines[start:end], lines[:start] + lines[end:]
        goal = _only(rest, ahead or behind)
        cut, indent = len(_indent(block[0])), _indent(rest[goal])
        block = [indent + line[cut:] for line in block]
        goal += not ahead
        return _joined(rest[:goal] + block + rest[goal:])

    return edit


def all_of(*edits: Edit) -> Edit:
    """Several edits, one after the other."""

    def edit(text: str) -> str:
        for each in edits:
            text = each(text)
        return text

    return edit


def each(programs: str, edit: Edit) -> dict[str, Edit]:
    """The same edit for several programs."""
    return dict.fromkeys(programs.split(), edit)


def _only(lines: list[str], part: str) -> int:
    found = [at for at, line in enumerate(lines) if part in line]
    if len(found) != 1:
        raise NoPlace(f"{len(found)} lines have {part!r}")
    return found[0]


def _span(lines: list[str], first: str, last: str) -> tuple[int, int]:
    start = _only(lines, first)
    end = _only(lines, last) + 1 if last else start + 1
    if end <= start:
        raise NoPlace(f"{last!r} comes before {first!r}")
    return start, end


def _inserted(part: str, new: tuple[str, ...], further: int) -> Edit:
    def edit(text: str) -> str:
        lines = text.splitlines()
        at = _only(lines, part)
        block = [_indent(lines[at]) + line for line in new]
        return _joined(lines[: at + further] + block + lines[at + further :])

    return edit


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _joined(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"
