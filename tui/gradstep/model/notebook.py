"""A notebook's code cells as one text, so that a line number means the same in both processes."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct


class Cell(Struct, frozen=True):
    """One code cell."""

    number: int
    """From 1, code cells only."""
    first_line: int
    """Line of its first line in the joined text, from 1."""
    source: str


def read_cells(path: str) -> tuple[list[Cell], str]:
    """The code cells of an `.ipynb` file and their joined text: each under `# %% cell N`, a blank line after it.

    Raises ValueError, with a reason for people, for a file that is no notebook.
    """
    with open(path, "rb") as file:
        content = file.read()
    try:
        document: Any = msgspec.json.decode(content)
        sources = [_text(cell["source"]) for cell in document["cells"] if cell["cell_type"] == "code"]
    except (msgspec.DecodeError, KeyError, TypeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"{path} is no notebook (nbformat 4): {error}") from error
    cells, lines = [], []
    for number, source in enumerate(sources, 1):
        lines.append(f"# %% cell {number}")
        cells.append(Cell(number, len(lines) + 1, source))
        lines += source.split("\n")
        lines.append("")
    return cells, "\n".join(lines)


def _text(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)
