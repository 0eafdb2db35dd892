"""What steers the program: steps, pauses, restarts, edits."""

from __future__ import annotations

from gradstep.app.budget import Budget
from gradstep.app.commands import COMMANDS
from gradstep.app.messages import InputAnswered, SourceRestarted
from gradstep.app.screens.hearing import HearingScreen
from gradstep.model.message import Clear, Go, Until
from gradstep.source import Source

PATIENCE = 0.5
"""Seconds to wait for the end of a phase before the program is paused where it is."""

STEPS = {command.action[4:-2]: command.name for command in COMMANDS if command.action.startswith("go(")}
"""What a step runs to -> its name."""


class SteeringScreen(HearingScreen):
    """Sends what the user wants to the program, and keeps one step until it can be taken."""

    def __init__(self, source: Source, budget: Budget | None = None) -> None:
        super().__init__(source, budget)
        self._until: Until = "phase"
        self._queued: Until | None = None

    def on_input_answered(self, message: InputAnswered) -> None:
        """Pass it to the program's input(), and show it as a terminal does."""
        self._answer(f"{message.text}\n")
        self._set(asking=False)

    def _answer(self, text: str) -> None:
        self._write(text)
        self.source.answer(text)
        self._show_print()

    def action_go(self, until: Until) -> None:
        """Let the program run if it waits; until it does one step is kept, the last that was asked for."""
        mode = self.state.mode
        if mode == "waiting":
            self._until, self._queued = until, None
            self._set(mode="running", queued="")
            self.source.send(Go(until))
        elif mode == "importing" or (mode == "running" and self._until != "end" and not self.state.asking):
            self._queued = until
            self._set(queued=STEPS[until])
        else:
            self._set(hint=self._why_not())

    def _go_on(self) -> None:
        """Take the step that was asked for while the one before was under way."""
        if self.state.mode == "ended":
            self._queued = None
        elif self._queued is not None and self.state.mode == "waiting":
            self.action_go(self._queued)

    def _why_not(self) -> str:
        """Why no step begins now."""
        if self.state.asking:
            return "it waits for a line on its standard input"
        hints = {"ended": "the program has ended: r restarts", "running": "it runs to its end: esc pauses"}
        return hints.get(self.state.mode, "pausing: one moment")

    def _pause(self) -> bool:
        """Stop a running program; False if it does not run."""
        if self.state.mode not in ("running", "pausing"):
            return False
        self._queued = None
        self._set(mode="pausing", queued="", hint="pausing at the next phase, or where it is")
        self.source.pause()
        self.set_timer(PATIENCE, self._pause_here)
        return True

    def _pause_here(self) -> None:
        """No phase has ended meanwhile: stop the program in the middle of what it does."""
        if self.state.mode == "pausing":
            self.source.pause()

    def action_clear(self) -> None:
        """Clear gradients after each update, or stop doing so."""
        clearing = not self.state.clearing
        self._set(clearing=clearing, hint="gradients are cleared after each update" if clearing else "gradients stay")
        self.source.send(Clear(clearing))

    def action_restart(self) -> None:
        """Run again with the same seed."""
        if self._restarting:
            self._set(hint="it is starting: one moment")
        else:
            self._restart(None)

    def action_device(self) -> None:
        """Choose a device and run again on it."""
        from gradstep.app.screens.devices import DeviceScreen

        if not self.state.devices:
            self._set(hint="the devices are known once torch is imported")
            return
        current = self.state.device or next(iter(self._current_devices()), "")
        self.app.push_screen(DeviceScreen(self.state.devices, current), self._device_chosen)

    def _device_chosen(self, device: str | None) -> None:
        if device is not None:
            self._set(device=device)
            self._restart(device)

    def _current_devices(self) -> list[str]:
        return sorted({view.device for view in self.moment.stop.tensors.values() if view.device})

    def _restart(self, device: str | None) -> None:
        """End the run, which is kept, and begin another; what the old one still says is not heard."""
        self.runs.show(self.runs.begin("cleared" if self.state.clearing else ""))
        self._start_again(device)

    def _start_again(self, device: str | None = None) -> None:
        """Run the program from its start, for the run that has just begun."""
        self._restarting = True
        self._inbox.take()
        self._until, self._queued = "phase", None
        self._set(mode="importing", ended="", asking=False, queued="")
        self._paint()

        def restart() -> None:
            self.source.restart(device)
            self.post_message(SourceRestarted())

        self._in_thread(restart)
