"""What a run has to hold, and what of it did not hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gradstep.checks.assertion import Assertion, AssertionTextError
from gradstep.model.stop import Finding, Stop

FOUND, NOT_HELD = 3, 5
"""Exit codes: a finding of `--fail-on` was met; an assertion did not hold, or was never judged."""
ANY = ("warning", "error")
"""What stands for all kinds of finding: those that are warnings or errors; errors alone."""


@dataclass(frozen=True)
class Breach:
    """What did not hold, where it was first."""

    check: str
    """`overshoot`, or the text of the assertion."""
    message: str
    """For people; with the remedy if there is one."""
    stop: Stop | None
    """None for what was never judged."""
    asserted: bool


@dataclass
class Check:
    """One of the things that have to hold."""

    name: str
    breaches: list[Breach] = field(default_factory=list)
    """One for each kind of finding; one of an assertion."""


class Checks:
    """Takes stops in their order."""

    def __init__(self, fail_on: Sequence[str] = (), assertions: Sequence[str] = ()) -> None:
        """Raises AssertionTextError."""
        self.assertions = [Assertion(text) for text in dict.fromkeys(assertions)]
        self.findings = {kind: Check(kind) for kind in fail_on}
        self.asserted = {assertion.text: Check(assertion.text) for assertion in self.assertions}

    def look(self, stop: Stop) -> list[Breach]:
        """What did not hold at this stop, and had held until then."""
        new = [breach for finding in stop.findings for breach in self._found(stop, finding)]
        for assertion in self.assertions:
            check = self.asserted[assertion.text]
            if check.breaches:
                continue
            try:
                wrong = "it did not hold" if assertion.holds(stop) is False else ""
            except AssertionTextError as error:
                wrong = str(error).removeprefix(f"{assertion.text}: ")
            if wrong:
                check.breaches.append(Breach(assertion.text, wrong, stop, asserted=True))
                new += check.breaches
        return new

    def end(self) -> list[Breach]:
        """The run is over: an assertion that was never judged does not hold."""
        new = []
        for assertion in self.assertions:
            check = self.asserted[assertion.text]
            if not assertion.judged and not check.breaches:
                why = f"it was never judged: {assertion.lacks or 'no stop'} was never known"
                check.breaches.append(Breach(assertion.text, why, None, asserted=True))
                new += check.breaches
        return new

    @property
    def all(self) -> list[Check]:
        """Findings first."""
        return [*self.findings.values(), *self.asserted.values()]

    def code(self, program: int) -> int:
        """The exit code, where the program's is that one."""
        if any(check.breaches for check in self.findings.values()):
            return FOUND
        return NOT_HELD if any(check.breaches for check in self.asserted.values()) else program

    def _found(self, stop: Stop, finding: Finding) -> list[Breach]:
        new = []
        for kind, check in self.findings.items():
            if finding.is_meant_by(kind) and all(breach.check != finding.kind for breach in check.breaches):
                words = f"{finding.message} {finding.remedy}".strip()
                check.breaches.append(Breach(finding.kind, words, stop, asserted=False))
                new.append(check.breaches[-1])
        return new
