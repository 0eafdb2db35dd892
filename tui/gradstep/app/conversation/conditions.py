"""What a program that runs on is to be stopped at: the user's list of conditions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gradstep.app.conversation.kept_conditions import ConditionsFile, KeptCondition
from gradstep.app.conversation.link import Link
from gradstep.conditions import ConditionError, parse
from gradstep.conditions.detect import Detector
from gradstep.model.message import Conditions
from gradstep.model.stop import Stop

ANYTHING_WRONG = "warning"
"""The condition that is there from the beginning: a new finding that is a warning or an error."""
_SHORT = 24
"""Characters of a condition in the header."""


@dataclass(frozen=True)
class Wait:
    """One condition of the list."""

    text: str
    on: bool = True
    once: bool = False
    """It is taken off when it has been met."""
    met: int = 0
    """How often it has been."""


class Waits:
    """The list. A program is told of it each time it is let run on."""

    def __init__(self, link: Link, texts: Iterable[str] = ()) -> None:
        """Those that are kept of the program, and `texts`."""
        self._link = link
        self._file = ConditionsFile(link.source.path or link.source.title)
        self._kept = [known for known in self._file.load() if _is_condition(known.text)]
        self.all = [Wait(known.text, known.on, known.once) for known in self._kept]
        if all(wait.text != ANYTHING_WRONG for wait in self.all):
            self.all.insert(0, Wait(ANYTHING_WRONG))
        for text in texts:
            self.add(text)

    @property
    def texts(self) -> tuple[str, ...]:
        """Of those that are on."""
        return tuple(wait.text for wait in self.all if wait.on)

    def tell(self) -> None:
        """Tell the program, which waits, what it is to be stopped at."""
        known = tuple(met.first.kind for met in self._link.history.moment().met)
        self._link.source.send(Conditions(self.texts, known))

    def words(self) -> str:
        """What is waited for, in short; empty for nothing."""
        texts = [("any warning" if text == ANYTHING_WRONG else text) for text in self.texts]
        first = texts[0] if texts else ""
        short = first if len(first) <= _SHORT else f"{first[: _SHORT - 1]}…"
        return f"{short} +{len(texts) - 1}" if len(texts) > 1 else short

    # What the user does

    def add(self, text: str) -> None:
        """One more; raises ConditionError if it is none. One that is there already is on again."""
        wait = Wait(parse(text).text)
        found = next((at for at, known in enumerate(self.all) if known.text == wait.text), None)
        if found is None:
            self.all.append(wait)
        else:
            self.all[found] = replace(self.all[found], on=True)

    def switch(self, at: int) -> None:
        """On or off."""
        self.all[at] = replace(self.all[at], on=not self.all[at].on)

    def once(self, at: int) -> None:
        """For one time, or for good."""
        self.all[at] = replace(self.all[at], once=not self.all[at].once, on=True)

    def remove(self, at: int) -> bool:
        """Take it off the list; False of the one that is always there."""
        if self.all[at].text == ANYTHING_WRONG:
            return False
        del self.all[at]
        return True

    def keep(self) -> None:
        """Keep the list for the next time that this program is stepped through."""
        kept = [KeptCondition(wait.text, wait.on, wait.once) for wait in self.all]
        if kept == (self._kept or [KeptCondition(ANYTHING_WRONG)]):
            return
        try:
            self._file.save(kept)
            self._kept = kept
        except OSError as error:
            self._link.set(hint=f"the conditions hold now, but could not be kept: {error.strerror}")

    # What the program does

    def note(self, stop: Stop) -> None:
        """The program was stopped there by conditions."""
        for at, wait in enumerate(self.all):
            if wait.on and wait.text in stop.met_by:
                self.all[at] = replace(wait, met=wait.met + 1, on=not wait.once)


def _is_condition(text: str) -> bool:
    """Whether it can be understood."""
    try:
        parse(text)
    except ConditionError:
        return False
    return True


def places_met(texts: Iterable[str], stops: Iterable[Stop]) -> list[Stop]:
    """Those of the stops of a run, in their order, at which one of the conditions was met."""
    detectors = [Detector(parse(text)) for text in texts]
    met = []
    for stop in stops:
        words = [detector.look(stop) for detector in detectors]
        if stop.met or any(words):
            met.append(stop)
    return met
