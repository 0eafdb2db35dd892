"""Steps, pauses and new starts."""

from __future__ import annotations

from gradstep.app.commands import COMMANDS
from gradstep.app.conversation.conditions import Waits
from gradstep.app.conversation.link import Link
from gradstep.model.message import Go, Until

PATIENCE = 0.5
"""Seconds to wait for the end of a phase before the program is paused where it is."""

STEPS = {command.action[4:-2]: command.name for command in COMMANDS if command.action.startswith("go(")}
"""What a step runs to -> its name."""


LONG: tuple[Until, ...] = ("end", "condition")
"""What may take as long as the program itself."""


class Steps:
    """Lets the program run, and keeps one step until it can be taken."""

    def __init__(self, link: Link, waits: Waits) -> None:
        self._link = link
        self._waits = waits

    def go(self, until: Until) -> None:
        """Let the program run if it waits; until it does one step is kept, the last that was asked for."""
        link, state = self._link, self._link.state
        if state.mode == "waiting":
            link.until, link.queued = until, None
            conditional = until == "condition"
            link.set(mode="running", queued="", waits=self._waits.words() if conditional else "")
            if conditional:
                self._waits.tell()
            link.source.send(Go(until, conditional=conditional))
        elif state.mode == "importing" or (state.mode == "running" and link.until not in LONG and not state.asking):
            link.queued = until
            link.set(queued=STEPS[until])
        else:
            link.set(hint=self.why_not())

    def go_on(self) -> None:
        """The program waits or has ended: take the step that was asked for while the one before was under way."""
        link = self._link
        if link.state.mode == "ended":
            link.queued = None
        elif link.queued is not None and link.state.mode == "waiting":
            self.go(link.queued)

    def why_not(self) -> str:
        """Why no step begins now."""
        state = self._link.state
        if state.asking:
            return "the program waits for a line on its standard input: k answers"
        hints = {"ended": "the program has ended: r restarts", "running": "the program runs on; Esc pauses it"}
        return hints.get(state.mode, "pausing: one moment")

    def pause(self) -> bool:
        """Stop a running program; False if it does not run."""
        link = self._link
        if link.state.mode not in ("running", "pausing"):
            return False
        link.queued = None
        link.set(mode="pausing", queued="", hint="pausing at the next phase, or where it is")
        link.source.pause()
        link.host.later(PATIENCE, self._pause_here)
        return True

    def _pause_here(self) -> None:
        """No phase has ended meanwhile: stop the program in the middle of what it does."""
        if self._link.state.mode == "pausing":
            self._link.source.pause()

    def answer(self, text: str) -> None:
        """Give a line to the program's input(), and show it as a terminal does."""
        link = self._link
        link.write(f"{text}\n")
        link.source.answer(f"{text}\n")
        link.host.printed()
        link.set(asking=False)

    def restart(self, device: str | None) -> None:
        """End the run, which is kept, and begin another."""
        runs = self._link.runs
        runs.show(runs.begin("cleared" if self._link.state.clearing else ""))
        self.start_again(device)

    def start_again(self, device: str | None = None) -> None:
        """Run the program from its start, for the run that has just begun; what the old one still says is not heard."""
        link = self._link
        link.restarting = True
        link.inbox.clear()
        link.until, link.queued = "phase", None
        link.set(mode="importing", ended="", asking=False, queued="")
        link.host.paint()
        link.host.beside(lambda: link.source.restart(device), self._restarted)

    def _restarted(self) -> None:
        """The old run is gone: hear everything again."""
        self._link.restarting = False
