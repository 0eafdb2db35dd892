"""The tests under each torch, Python, textual and rich that pyproject.toml promises; prints a table.

    python tests/matrix/run.py [CELL…]         all of them, or those whose name contains one of these, in this order
    python tests/matrix/run.py --quick CELL…   the programs, the lessons and the private names alone
    python tests/matrix/run.py --list

One virtual environment at a time, in a temporary folder (a CUDA build of torch takes 5 GB there), removed afterwards.
An interpreter is looked for as `python3.12` on the path, then among pyenv's; a cell without one says so.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PINNED = "2.13.0"
NEWEST = "2.15.0"
PROGRAM = ("tests/program", "tests/findings", "tests/formulas", "tests/test_lessons_run.py")
SCREEN = ("tests/app", "tests/panes", "tests/draw", "tests/test_cli.py", "tests/test_trace_terminal.py")
BOTH = ("tests/test_cli.py", "tests/test_lessons_run.py", "tests/app/test_again_live.py", "tests/program/session")
QUICK = ("tests/program/session", "tests/program/tensors/test_private.py", "tests/test_lessons_run.py")
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
TORCHS_OWN = {"setuptools", "sympy", "networkx", "fsspec", "filelock", "jinja2"}
"""What each torch asks for in its own range."""
MOST_SHOWN = 20_000
"""Letters of what pytest prints where something fails."""
COUNTS = re.compile(r"(\d+) (passed|failed|skipped|deselected|error)")


@dataclass(frozen=True)
class Cell:
    """One environment, and what is run there."""

    name: str
    torch: str
    python: str = "3.11"
    tests: tuple[str, ...] = PROGRAM
    other: dict[str, str] = field(default_factory=dict)
    """Versions of other packages, in the place of those in constraints.txt."""

    @property
    def versions(self) -> dict[str, str]:
        """All that is pinned otherwise than in constraints.txt."""
        return {"torch": self.torch, **self.other}


CELLS = (
    *(Cell(f"torch {version}", version) for version in ("2.8.0", "2.10.0", "2.12.0", PINNED, "2.14.1", NEWEST)),
    *(Cell(f"python {version}", NEWEST, version) for version in ("3.12", "3.13")),
    Cell("textual lowest", PINNED, tests=SCREEN, other={"textual": "8.2.0"}),
    Cell("textual highest", PINNED, tests=SCREEN, other={"textual": "8.2.8"}),
    Cell("rich lowest", PINNED, tests=SCREEN, other={"rich": "14.2.0"}),
    Cell("rich highest", PINNED, tests=SCREEN, other={"rich": "15.0.0"}),
    Cell("others lowest", PINNED, tests=BOTH, other={"msgspec": "0.20.0", "click": "8.2.0", "numpy": "2.0.0"}),
)


@dataclass(frozen=True)
class Outcome:
    """What came of a cell."""

    cell: Cell
    text: str
    good: bool
    seconds: float

    def row(self) -> str:
        """One line of the table."""
        versions = ", ".join(f"{name} {version}" for name, version in self.cell.versions.items())
        columns = (self.cell.name, f"{versions}, Python {self.cell.python}", "ok" if self.good else "NOT", self.text)
        return f"| {' | '.join(columns)} | {self.seconds:.0f} s |"


def interpreter(version: str) -> str | None:
    """The path of that Python."""
    folder = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [shutil.which(f"python{version}") or "", *map(str, sorted(folder.glob(f"{version}.*/bin/python")))]
    for path in filter(None, found):
        asked = subprocess.run(
            [path, "-c", "import sys; print(sys.version)"], capture_output=True, text=True, check=False
        )
        if asked.stdout.startswith(f"{version}."):
            return path
    return None


def constraints(cell: Cell, folder: Path) -> Path:
    """What is pinned in that cell: constraints.txt, but for what the cell has otherwise."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    kept = [line for line in lines if line.partition("==")[0].lower() not in cell.versions.keys() | TORCHS_OWN]
    path = folder / "constraints.txt"
    path.write_text("\n".join([*kept, *(f"{name}=={version}" for name, version in cell.versions.items())]) + "\n")
    return path


def run(cell: Cell, quick: bool) -> Outcome:
    """Make the environment, run the tests, remove it."""
    since, python = time.monotonic(), interpreter(cell.python)
    if python is None:
        return Outcome(cell, "no such interpreter here", False, 0.0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree = folder / "gradstep"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(tree)], check=True)
        subprocess.run([python, "-m", "venv", str(folder / "venv")], check=True)
        ours = folder / "venv" / "bin"
        pins = constraints(cell, folder)
        install = [str(ours / "pip"), "install", "-q", "-c", str(pins), "-e", ".[test]", f"torch=={cell.torch}"]
        environment = {**os.environ, "PIP_CONSTRAINT": str(pins)}
        made = subprocess.run(install, cwd=tree, env=environment, capture_output=True, text=True, check=False)
        if made.returncode:
            return Outcome(
                cell, f"not installed: {made.stderr.strip().splitlines()[-1]}", False, time.monotonic() - since
            )
        command = [str(ours / "pytest"), *(QUICK if quick else cell.tests), "-m", "not picture and not cuda"]
        done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout[-MOST_SHOWN:], file=sys.stderr, flush=True)
    return Outcome(cell, "; ".join(told(done.stdout)), done.returncode == 0, time.monotonic() - since)


def told(output: str) -> Iterator[str]:
    """The counts that pytest prints last, and what failed."""
    yield ", ".join(f"{number} {what}" for number, what in COUNTS.findall(output.splitlines()[-1] if output else ""))
    yield from FAILED.findall(output)


def main() -> int:
    """Run the cells, each row as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cells", nargs="*", help="parts of names")
    parser.add_argument("--list", action="store_true", help="the names, and nothing else")
    parser.add_argument("--quick", action="store_true", help="few tests in each")
    asked = parser.parse_args()
    chosen = [cell for part in asked.cells or [""] for cell in CELLS if part in cell.name]
    if asked.list:
        print("\n".join(cell.name for cell in chosen))
        return 0
    print("| cell | versions | | tests | time |\n|---|---|---|---|---|", flush=True)
    good = True
    for cell in chosen:
        outcome = run(cell, asked.quick)
        print(outcome.row(), flush=True)
        good &= outcome.good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
