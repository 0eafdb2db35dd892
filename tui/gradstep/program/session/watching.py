"""What a session offers to the conversation: while the program waits, and at its end."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from gradstep.model.message import Edit, Evaluated, Fetch, Fetched, Probe, Probed
from gradstep.model.pattern import fits
from gradstep.model.stop import Gradient, Reason, Stop, Update
from gradstep.program.edit.expressions import Expressions
from gradstep.program.edit.variables import scopes_of
from gradstep.program.evidence.facts import facts_of
from gradstep.program.replay.differences import Differences
from gradstep.program.session.recorder import CALLING
from gradstep.program.session.session import Session
from gradstep.program.stops.inspect import Inspector
from gradstep.program.tensors.modes import put_modes, take_modes
from gradstep.program.tensors.norms import norm_views
from gradstep.program.tensors.quiet import quiet
from gradstep.program.tensors.views import view


class Watching:
    """A session as a `Watcher`."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._inspector = Inspector(session.leaves, session.describer, session.archive)
        self._expressions = Expressions(session.unwatched)
        self._differences = Differences(session.prover, session.calls, session.leaves, session.describer)

    def finish(self, reason: Reason) -> None:
        """The end of a notebook's cell or of the program: make the stops that it brings."""
        self.session.finish(reason)

    def explain(self, error: BaseException) -> None:
        """Look for what the exception was about that has ended the program."""
        if not self.session.guard.tripped:
            self.session.explanation.explain(error, CALLING, self.session.engine)

    def describe(self, stop: Stop) -> Stop:
        """A stop that is no phase: leaves, gradients and the latest loss."""
        session = self.session
        with session.guard, quiet():
            session.describer.look(sys._getframe(1))
            for leaf in session.leaves:
                leaf.view = None
            stop = session.describer.fill(replace(stop, loss=session.loss), eager=True)
            stop = replace(stop, changed=())
            if stop.phase == "end":
                skipped = session.scaling.take_skipped()
                update = Update(skipped=skipped) if skipped else None
                if stop.reason == "exit":
                    session.clues.schedules.at_end()
                clues = (*session.explanation.clues, *session.clues.book.take())
                stop = replace(stop, update=update, facts=facts_of(session.leaves), clues=clues)
        return stop

    def inspect(self, fetch: Fetch) -> Iterator[Fetched | None]:
        """Answer what the screen asks about a tensor of this stop."""
        with self.session.guard:
            yield from self._inspector.answer(fetch)

    def probe(self, probe: Probe) -> Iterator[Probed | None]:
        """A gradient by finite differences."""
        with self.session.guard:
            yield from self._differences.answer(probe)

    def edit(self, edit: Edit, stop: Stop) -> Evaluated:
        """Change the program while it waits at that stop."""
        with self.session.guard:
            answer = self.session.editor.edit(edit, stop)
            if answer.stop is not None:
                self.session.archive.changed(answer.stop)
            return answer
        return Evaluated(edit, "gradstep hit an internal error: see the console", error=True)

    def gradients(self, stop: Stop, patterns: Sequence[str], norms: bool) -> Stop:
        """A stop that was passed, with the gradients whose names fit; `norms`: no more of each than its norm."""
        session = self.session
        if stop.phase != "backward" or session.guard.tripped:
            return stop
        with session.guard, quiet():
            session.describer.look_if_needed(sys._getframe(1))
            fitting = [leaf for leaf in session.leaves if any(fits(f"{leaf.name}.grad", each) for each in patterns)]
            known = {leaf.name: leaf.tensor.grad for leaf in fitting if leaf.tensor is not None}
            grads = {name: grad for name, grad in known.items() if grad is not None}
            looked = norm_views(grads) if norms else {name: view(grad) for name, grad in grads.items()}
            return replace(stop, gradients={name: Gradient(now=shown) for name, shown in looked.items()})
        return stop

    def holds(self, source: str) -> bool | str:
        """Whether that expression is true of the program's variables; or why it cannot be told."""
        return self._expressions.holds(source, scopes_of(sys._getframe(1)))

    def clear_used(self) -> None:
        """Set `.grad = None` wherever an update has used it."""
        with quiet():
            self.session.ledger.clear_used()

    def detach(self) -> None:
        """Stop watching, for good."""
        put_modes(mode for mode in take_modes() if mode is not self.session.recorder)
        self.session.end()
