"""The page of figures, `results.md`: a section a bench, each with the machine that it was measured on."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path

PAGE = Path(__file__).parent / "results.md"


def put(title: str, about: str, table: Sequence[str], page: Path = PAGE) -> None:
    """Write a section, in the place of what it was before."""
    machine = (
        f"{date.today()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}, torch {version('torch')}, gradstep {version('gradstep')}, one thread each."
    )
    section = "\n".join([f"## {title}", "", f"{about} {machine}", "", *table, ""])
    text = page.read_text() if page.exists() else ""
    known = re.search(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", text, re.M | re.S)
    text = text[: known.start()] + section + text[known.end() :] if known else f"{text}{section}"
    page.write_text(re.sub(r"\n+(?=## )", "\n\n", text).lstrip("\n"))
