"""A debugger screen under test, on a source made by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from unittest.mock import patch

from gradstep.app.app import GradstepApp
from gradstep.app.debugger.screen import DebuggerScreen
from gradstep.app.debugger.workspace import ORDER
from gradstep.app.runs.budget import GIB
from gradstep.model.stop import Stop
from hand import HandSource, seed_run
from textual.pilot import Pilot

ROUNDS = 3
"""How often nothing must have been under way: a handler may be waiting for another."""


async def at_once(min_sleep: float = 0, max_sleep: float = 0) -> None:
    """In place of Textual's wait, which takes a process that gets no processor for one that is done."""
    await asyncio.sleep(0)


class Run:
    """A debugger under test."""

    def __init__(self, app: GradstepApp, source: HandSource, pilot: Pilot[None]) -> None:
        self.app, self.source, self.pilot = app, source, pilot

    @property
    def screen(self) -> DebuggerScreen:
        screen = self.app.screen
        assert isinstance(screen, DebuggerScreen)
        return screen

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def settle(self) -> None:
        """Until nothing is under way: no message, no callback, no layout, no thread."""
        quiet = 0
        while quiet < ROUNDS and self.app._exception is None:
            await self.app.workers.wait_for_complete()
            await self.pilot.pause()
            quiet = 0 if self._busy() else quiet + 1

    def _busy(self) -> bool:
        app, screen = self.app, self.app.screen
        pumps = [app, *screen.walk_children(with_self=True)]
        waiting = any(not pump._message_queue.empty() or pump._next_callbacks for pump in pumps)
        hears = any(
            debugger.conversation.hears for debugger in app.screen_stack if isinstance(debugger, DebuggerScreen)
        )
        shown = not (screen._callbacks or screen._layout_required or screen._dirty_widgets or app._resize_event)
        return waiting or hears or not shown

    def pane(self, name: str) -> str:
        """What a pane shows, as text."""
        pane = self.screen.query_one(f"#{name}")
        return "\n".join(line.plain for line in pane._lines)  # type: ignore[attr-defined]

    def row(self, at: int) -> str:
        """A row of the terminal."""
        return self.app.screen._compositor.render_strips()[at].text

    def seen(self) -> set[str]:
        """Ids of the panes on the screen."""
        return {name for name in ORDER if self.screen.query_one(f"#{name}").region.area > 0 and self._shown(name)}

    def _shown(self, name: str) -> bool:
        return all(
            node.display for node in self.screen.query_one(f"#{name}").ancestors_with_self if hasattr(node, "display")
        )


@asynccontextmanager
async def running(
    stops: Sequence[Stop] | None = None,
    size: tuple[int, int] = (120, 36),
    source: HandSource | None = None,
    history: int = GIB,
) -> AsyncIterator[Run]:
    source = source or HandSource(stops or seed_run())
    app = GradstepApp(source, history=history)
    with patch("textual.app.wait_for_idle", at_once), patch("textual.pilot.wait_for_idle", at_once):
        async with app.run_test(size=size) as pilot:
            run = Run(app, source, pilot)
            await run.settle()
            yield run
