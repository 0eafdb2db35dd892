"""Whose turn it is: while our code runs in the program's thread, the program's own signal handlers wait.

What a handler raises would else end a block of ours instead of a block of the program's. And our code may go deeper
than the program, whose limit of recursion is where it is without us.
"""

from __future__ import annotations

import functools
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable
from types import FrameType
from typing import Any

from gradstep.program.host.frames import user_frame

_Handle = Callable[[int, FrameType | None], Any]

_ENDING = frozenset((signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT))
"""Signals that end a program are handled while it waits at a stop; a timer's wait until it goes on."""
_BESIDES = 40
"""Frames that torch and we put between two of the program's, at most."""
_DEEP = 400
"""Frames that our own work takes."""


class Turn:
    """A `with` block of our own code; blocks may stand in each other. Owned by the main thread."""

    def __init__(self) -> None:
        self.depth = 0
        """How many blocks of ours are under way."""
        self.late: deque[tuple[int, _Handle]] = deque()
        """Signals of the program's that have come meanwhile, with who handles them."""
        self.waits = False
        """The program waits at a stop."""
        self.raised: BaseException | None = None
        """By a handler that could not wait."""
        self._thread = threading.get_ident()
        self._limit, self._below = sys.getrecursionlimit(), 0
        self._set_limit = sys.setrecursionlimit

    def __enter__(self) -> None:
        if threading.get_ident() == self._thread:
            self.depth += 1
            if self.depth == 1 and self._below:
                self._set_limit(self._limit + self._below + _DEEP)

    def __exit__(self, *error: object) -> None:
        if threading.get_ident() == self._thread:
            self.depth -= 1
            if not self.depth:
                if self._below:
                    self._set_limit(self._limit + self._below)
                if self.late:
                    self.catch_up()

    def catch_up(self) -> None:
        """Handle what has come in our turn; what a handler raises goes to the program."""
        while self.late and not self.depth:
            number, handle = self.late.popleft()
            handle(number, user_frame(sys._getframe(1)))

    def follow_signals(self) -> None:
        """Stand between signals and their handlers in Python, unseen."""
        module: Any = signal
        install, ask = module.signal, module.getsignal

        @functools.wraps(install)
        def installed(number: Any, handler: Any) -> Any:
            return _inner(
                install(number, _Handler(handler, self) if callable(handler) and not _is_action(handler) else handler)
            )

        @functools.wraps(ask)
        def asked(number: Any) -> Any:
            return _inner(ask(number))

        if ask(signal.SIGINT) is signal.default_int_handler:
            install(signal.SIGINT, _Handler(signal.default_int_handler, self))
        module.signal, module.getsignal = installed, asked

    def allow_for_our_frames(self) -> None:
        """From here on the program has all the depth that it has without us, and is told so."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            frame, self._below = frame.f_back, self._below + 1
        self._below += _BESIDES
        module: Any = sys
        set_limit = module.setrecursionlimit

        @functools.wraps(set_limit)
        def setrecursionlimit(limit: int, /) -> None:
            set_limit(limit + self._below if isinstance(limit, int) and limit > 0 else limit)
            self._limit = limit

        @functools.wraps(module.getrecursionlimit)
        def getrecursionlimit() -> int:
            return self._limit

        set_limit(self._limit + self._below)
        module.setrecursionlimit, module.getrecursionlimit = setrecursionlimit, getrecursionlimit


class _Handler:
    """A handler of the program's that waits for its turn."""

    __slots__ = ("_turn", "handle")

    def __init__(self, handle: _Handle, turn: Turn) -> None:
        self.handle = handle
        self._turn = turn

    def __call__(self, number: int, frame: FrameType | None) -> Any:
        turn = self._turn
        if not turn.depth:
            return self.handle(number, frame)
        if not (turn.waits and number in _ENDING):
            turn.late.append((number, self.handle))
            return None
        try:
            return self.handle(number, user_frame(frame))
        except BaseException as error:
            turn.raised = error
            raise


def _inner(handler: Any) -> Any:
    return handler.handle if type(handler) is _Handler else handler


def _is_action(handler: Any) -> bool:
    """`SIG_DFL`, `SIG_IGN`."""
    return isinstance(handler, int)
