"""A run as a test sees it."""

from __future__ import annotations

from dataclasses import dataclass

from gradstep.checks.checks import ANY, Checks
from gradstep.checks.report import line
from gradstep.findings import KINDS
from gradstep.model.stop import Finding, Stop


@dataclass(frozen=True)
class TracedRun:
    """What a training program has done."""

    title: str
    """`train.py`."""
    stops: tuple[Stop, ...]
    """The start, the end of each forward pass, backward pass and update, and the end."""
    output: str
    """What it printed."""
    exit_code: int

    def __repr__(self) -> str:
        return f"<run of {self.title}: {len(self.stops)} stops, {len(self.losses)} losses, exit code {self.exit_code}>"

    @property
    def losses(self) -> list[float]:
        """The loss of each forward pass."""
        ended = (stop for stop in self.stops if stop.phase == "forward" and stop.whole)
        return [stop.scalar.value for stop in ended if stop.scalar is not None and stop.scalar.value is not None]

    @property
    def findings(self) -> list[Finding]:
        """All that was found, in the order of the stops."""
        return [finding for stop in self.stops for finding in stop.findings]

    def assert_no(self, *kinds: str) -> None:
        """Fail if such a finding was met: a kind, `warning` (any warning or error) or `error`."""
        __tracebackhide__ = True
        wrong = [kind for kind in kinds if kind not in (*ANY, *KINDS)]
        if wrong or not kinds:
            raise ValueError(
                f"{', '.join(wrong) or 'nothing'}: no kind of finding; they are {', '.join((*ANY, *KINDS))}"
            )
        self._judge(Checks(kinds))

    def assert_always(self, *expressions: str) -> None:
        """Fail unless each of them, as of `trace --assert`, holds at every stop at which it can be judged."""
        __tracebackhide__ = True
        self._judge(Checks((), expressions))

    def assert_ended_well(self) -> None:
        """Fail if the program ended by an exception, a signal, or an exit code that is not 0."""
        __tracebackhide__ = True
        if not self.exit_code:
            return
        end = self.stops[-1] if self.stops else Stop()
        why = end.explanation
        words = [
            f"{self.title} ended with exit code {self.exit_code}",
            f"{end.fault.kind}: {end.fault.message}" if end.fault is not None else "",
            f"{why.message} {why.remedy}" if why is not None else "",
            end.fault.traceback if end.fault is not None else "",
        ]
        raise AssertionError("\n".join(word for word in words if word))

    def _judge(self, checks: Checks) -> None:
        __tracebackhide__ = True
        breaches = [breach for stop in self.stops for breach in checks.look(stop)] + checks.end()
        if breaches:
            raise AssertionError("\n".join([f"{self.title}:", *(f"  {line(breach)}" for breach in breaches)]))
