"""Keys one after the other: each is given on when what the one before has brought is there."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial

from textual.app import App
from textual.events import Key
from textual.message_pump import MessagePump
from textual.screen import Screen

PATIENCE = 0.25
"""Seconds after which a key is not waited for any longer."""
ROUNDS = 2
"""A key goes from the widget that has the focus up to the app, and so do the messages that its action sends."""


class Keyboard:
    """Keeps what is typed while a key is under way, or the screen that it has opened is not there yet.

    A key that comes to a screen too early, or too late, finds widgets there that are not yet, or no longer, alive.
    """

    def __init__(self, app: App[None], give: Callable[[Key], Awaitable[None]]) -> None:
        """`give` handles a key as Textual does."""
        self._app = app
        self._give = give
        self._typed: deque[Key] = deque()
        self._number = 0
        """Of the key that is under way."""
        self._under_way = False
        self._since = 0.0

    async def take(self, key: Key) -> None:
        """A key was pressed."""
        self._typed.append(key)
        if self._under_way and time.monotonic() - self._since < PATIENCE:
            self._app.set_timer(PATIENCE, partial(self._next, self._number))
        else:
            await self._begin()

    async def _begin(self) -> None:
        """Give the oldest key, and follow it."""
        self._under_way = bool(self._typed)
        if not self._typed:
            return
        self._number += 1
        self._since = time.monotonic()
        stack = self._app.screen_stack
        if not stack or not stack[-1].is_mounted:
            self._wait_for(stack[-1] if stack else self._app, self._number)
        else:
            screen = self._app.screen
            await self._give(self._typed.popleft())
            self._follow(self._way(), ROUNDS, screen, self._number)

    def _way(self) -> list[MessagePump]:
        """From the widget that has the focus to the screen: the app comes after it."""
        first = self._app.focused or self._app.screen
        return [node for node in first.ancestors_with_self if node is not self._app]

    def _follow(self, way: list[MessagePump], rounds: int, screen: Screen[object], number: int) -> None:
        """Go up behind what was sent to the widgets: a callback is called when all that came before it is handled."""
        for at, node in enumerate(way):
            if node.call_later(self._follow, way[at + 1 :], rounds, screen, number):
                return
        self._app.call_later(self._arrived, rounds - 1, screen, number)

    async def _arrived(self, rounds: int, screen: Screen[object], number: int) -> None:
        """The app has handled all that came before."""
        now = self._app.screen
        if rounds:
            self._follow(self._way(), rounds, screen, number)
        elif now is not screen:
            self._wait_for(now, number)
        else:
            await self._next(number)

    def _wait_for(self, shown: MessagePump, number: int) -> None:
        """The next key comes when that has been painted."""
        if not shown.call_after_refresh(self._app.call_later, self._next, number):
            self._app.call_later(self._next, number)

    async def _next(self, number: int) -> None:
        """That key is done: give the next one."""
        if number == self._number and self._under_way:
            await self._begin()
