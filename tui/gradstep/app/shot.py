"""A picture of the screen without a terminal: keys are pressed, each after the program has answered the one before."""

from __future__ import annotations

from collections.abc import Sequence

from textual.pilot import Pilot

from gradstep.app.app import GradstepApp
from gradstep.app.debugger.screen import DebuggerScreen
from gradstep.app.inspector.screen import InspectorScreen

_POLL = 0.02
_QUIET = 5
"""Polls in a row without anything new before the screen counts as still."""


async def shoot(app: GradstepApp, keys: Sequence[str], size: tuple[int, int]) -> str:
    """The screen as SVG, after those keys. `size`: columns and rows."""
    async with app.run_test(size=size) as pilot:
        await still(app, pilot)
        for key in keys:
            await pilot.press(key)
            await still(app, pilot)
        return app.export_screenshot(title="gradstep")


def _is_coming(screen: DebuggerScreen) -> bool:
    """Whether the program still makes what belongs to the stop at which it waits."""
    last = screen.conversation.link.history.last
    return screen.state.mode == "waiting" and bool(last.ran) and not last.complete


async def still(app: GradstepApp, pilot: Pilot[None]) -> None:
    """Wait until the program waits, for a key or for input, or has ended, and the screen has shown it."""
    quiet, before = 0, None
    while quiet < _QUIET:
        await pilot.pause(_POLL)
        screen = app.screen
        if isinstance(screen, DebuggerScreen):
            now = (screen.state, screen.moment)
            busy = screen.state.mode in ("importing", "running", "pausing") and not screen.state.asking
            busy |= (
                bool(screen.state.again)
                or screen.state.editing
                or screen.conversation.asked is not None
                or screen.conversation.hears
                or _is_coming(screen)
            )
            quiet = 0 if busy or now != before else quiet + 1
            before = now
        elif isinstance(screen, InspectorScreen):
            quiet = 0 if screen.waits else quiet + 1
        else:
            quiet += 1
