"""Prints which mutants are named, and what is said of the programs that are right.

`python tests/mutants/table.py [WORD ...]`: all mutants, or those of a program or with a word in their name or kinds.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from edits import Mutation
from gradstep.findings import KINDS
from mutations import MUTATIONS, NAMES, PROGRAMS, Mutant, mutants
from said import EXPLAINED, Said, traced

NAMED, MISSED, BROKEN = "yes", "-", "?"


def mark(mutant: Mutant, found: Said, original: Said) -> str:
    """Named, missed, or broken: a mutant that ends otherwise than its mutation says is no measure."""
    if (found.exit_code != 0) is not mutant.mutation.raises:
        return BROKEN
    return NAMED if found.names(mutant.mutation.kinds, original) else MISSED


def about(mutant: Mutant, word: str) -> bool:
    """Whether the word is its program, or in its mutation's name or kinds."""
    return word == mutant.program or word in mutant.mutation.name or word in " ".join(mutant.mutation.kinds)


def traced_text(mutant: Mutant, folder: Path) -> Said:
    """What is said of a mutant; its file lies in a folder of its own."""
    home = folder / mutant.program / mutant.mutation.name.replace(" ", "_").replace(",", "")
    home.mkdir(parents=True)
    path = home / f"{mutant.program}.py"
    path.write_text(mutant.text)
    return traced(path)


def grid(wanted: Sequence[Mutation], marks: Mapping[tuple[str, str], str]) -> list[str]:
    """A row a mutation, a column a program; blank where it does not apply."""
    width = max(len(mutation.name) for mutation in wanted)
    rows = [" " * width + "  " + " ".join(f"{name:^7}" for name in NAMES)]
    for mutation in wanted:
        cells = (marks.get((mutation.name, name), "") for name in NAMES)
        rows.append(f"{mutation.name:<{width}}  {' '.join(f'{cell:^7}' for cell in cells)}".rstrip())
    return rows


def misses(found: Mapping[Mutant, Said], marks: Mapping[tuple[str, str], str]) -> list[str]:
    """A line for each mutant that is not named: what should have been said, what was."""
    lines = []
    for mutant, said in found.items():
        how = marks[mutant.mutation.name, mutant.program]
        if how != NAMED:
            instead = ", ".join(f"{kind} ({severity})" for kind, severity in said.kinds.items()) or "nothing"
            word = "missed" if how == MISSED else f"broken (exit code {said.exit_code})"
            lines.append(f"{word}  {mutant.id}: not {' or '.join(mutant.mutation.kinds)}, but {instead}")
    return lines


def main(words: Sequence[str]) -> int:
    """Run what is wanted, two at a time, and print; the exit code is 1 if a program that is right gave an alarm."""
    chosen = [mutant for mutant in mutants() if not words or any(about(mutant, word) for word in words)]
    wanted = [mutation for mutation in MUTATIONS if any(mutant.mutation is mutation for mutant in chosen)]
    programs = [name for name in NAMES if any(mutant.program == name for mutant in chosen)]
    with TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        originals = dict(zip(programs, pool.map(traced, (PROGRAMS / f"{name}.py" for name in programs)), strict=True))
        said = pool.map(lambda mutant: traced_text(mutant, Path(folder)), chosen)
        found = dict(zip(chosen, said, strict=True))
    marks = {
        (mutant.mutation.name, mutant.program): mark(mutant, said, originals[mutant.program])
        for mutant, said in found.items()
    }
    alarmed = {name: said for name, said in originals.items() if said.alarms or said.exit_code != 0}
    unknown = {kind for mutation in wanted for kind in mutation.kinds} - {*KINDS, EXPLAINED}
    print("\n".join([*grid(wanted, marks), "", *misses(found, marks)]))
    for name, original in alarmed.items():
        print(f"false alarm  {name}: {', '.join(original.alarms) or f'exit code {original.exit_code}'}")
    if unknown:
        print(f"no such kind yet: {', '.join(sorted(unknown))}")
    total = sum(how == NAMED for how in marks.values())
    print(f"{len(wanted)} mutations, {len(programs)} programs")
    print(f"named {total} of {len(marks)}, false alarms {len(alarmed)} of {len(originals)} originals")
    return 1 if alarmed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
