"""All mutations, and the mutants that they make of the programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import in_the_graph
import in_the_loop
import in_the_loss
import in_the_net
from edits import Mutation

PROGRAMS = Path(__file__).parent / "programs"
NAMES = tuple(sorted(path.stem for path in PROGRAMS.glob("*.py")))
MUTATIONS: tuple[Mutation, ...] = (
    *in_the_loop.MUTATIONS,
    *in_the_loss.MUTATIONS,
    *in_the_graph.MUTATIONS,
    *in_the_net.MUTATIONS,
)


@dataclass(frozen=True)
class Mutant:
    """A program after one mutation."""

    program: str
    mutation: Mutation

    @property
    def id(self) -> str:
        """A name for it."""
        return f"{self.program}: {self.mutation.name}"

    @property
    def text(self) -> str:
        """The program's text, which an edit that finds no place does not give."""
        original = (PROGRAMS / f"{self.program}.py").read_text()
        changed = self.mutation.edits[self.program](original)
        compile(changed, self.id, "exec")
        return changed


def mutants() -> Iterator[Mutant]:
    """All of them."""
    for mutation in MUTATIONS:
        for program in mutation.edits:
            yield Mutant(program, mutation)
