"""IPython's own lines in a cell: magics, shell commands, help. What holds Python is run, the rest is skipped."""

from __future__ import annotations

import ast
import contextlib
import re
import tokenize

_RUN_CELLS = ("%%time", "%%timeit", "%%capture", "%%prun", "%%memit")
"""Cell magics whose cell is Python of this notebook."""

_RUNS = re.compile(r"%(?:time|timeit|prun|memit)\s+(?:-[a-z]\s*\d*\s+)*(?!-)(\S.*)", re.DOTALL)
"""Line magics whose line is a statement of this notebook: it is run once."""

_ASSIGNS = re.compile(r"([A-Za-z_][\w.]*(?:\[[^\]]*\])?(?:\s*,\s*[A-Za-z_][\w.]*)*)\s*=\s*([!%].*)", re.DOTALL)
_HELP = re.compile(r"%{0,2}[A-Za-z_*][\w*]*(?:\.[\w*]+|\[[^\]]*\])*\?{1,2}")
_INSTALLS = re.compile(r"(?:pip|conda|mamba)\s+(?:install|uninstall|update|list|show)\b")
"""Written without a sign, as Jupyter allows."""

Skipped = tuple[int, str]
"""Line within the cell, from 1, and what stands there."""


def without_magics(source: str) -> tuple[str, list[Skipped]]:
    """The cell as Python, line for line, and what was skipped for that."""
    if _is_python(source):
        return source, []
    lines = _dedented(source.split("\n"))
    skipped: list[Skipped] = []
    for number, line in enumerate(lines, 1):
        if line.startswith("%%"):
            skipped.append((number, line))
            if line.split()[0] not in _RUN_CELLS:
                return "", skipped[-1:]
            lines[number - 1] = ""
        elif line.strip():
            break
    skipped += _replace(lines)
    return "\n".join(lines), skipped


class _Feed:
    """Gives `tokenize` a line at a time; one that begins a statement and is IPython's own is replaced before."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.skipped: list[Skipped] = []
        self.begins = True
        """The next line begins a statement: it is not within brackets, a string or a continuation."""
        self._at = 0

    def readline(self) -> str:
        """The next line; empty at the end."""
        if self._at == len(self.lines):
            return ""
        if self.begins:
            self._look()
        self.begins = False
        self._at += 1
        return self.lines[self._at - 1] + "\n"

    def _look(self) -> None:
        first = last = self._at
        while self.lines[last].endswith("\\") and last + 1 < len(self.lines):
            last += 1
        text = "\n".join(self.lines[first : last + 1])
        bare = text.strip()
        python = _statement_within(bare)
        if python is None:
            python = _stand_in(bare)
            if python is None:
                return
            self.skipped.append((first + 1, bare))
        indent = text[: len(text) - len(text.lstrip())]
        replaced = (indent + python).split("\n")
        self.lines[first : last + 1] = replaced + [""] * (last + 1 - first - len(replaced))


def _replace(lines: list[str]) -> list[Skipped]:
    """Replace in `lines` what is IPython's own; returns what was skipped."""
    feed, depth = _Feed(lines), 0
    with contextlib.suppress(tokenize.TokenError, SyntaxError):  # compiling the cell says it better
        for token in tokenize.generate_tokens(feed.readline):
            if token.type == tokenize.OP:
                depth += (token.string in ("(", "[", "{")) - (token.string in (")", "]", "}"))
            elif token.type in (tokenize.NEWLINE, tokenize.NL) and depth <= 0:
                feed.begins = True
    return feed.skipped


def _statement_within(bare: str) -> str | None:
    """The Python that IPython would run for `%time f()` and `x = %time f()`; None where there is none."""
    runs = _RUNS.match(bare)
    if runs:
        return runs[1]
    assigns = _ASSIGNS.fullmatch(bare)
    runs = _RUNS.match(assigns[2]) if assigns and assigns[2].startswith("%time ") else None
    return f"{assigns[1]} = {runs[1]}" if assigns and runs else None


def _stand_in(bare: str) -> str | None:
    """What takes the place of a statement of IPython's own; None for Python."""
    assigns = _ASSIGNS.fullmatch(bare)
    if assigns:
        return f"{assigns[1]} = {'[]' if assigns[2].startswith('!') else 'None'}"
    own = bare.startswith(("%", "!", "?")) or _HELP.fullmatch(bare) or _INSTALLS.match(bare)
    return "pass" if own else None


def _dedented(lines: list[str]) -> list[str]:
    """Without the indent of the first line that is not blank, as Jupyter takes a pasted cell."""
    first = next((line for line in lines if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip())]
    return [line.removeprefix(indent) for line in lines]


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return True
