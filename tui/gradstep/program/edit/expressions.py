"""Python that is asked for again and again while the program runs: it reads, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from types import CodeType
from typing import Any

from gradstep.program.edit.evaluate import one_line
from gradstep.program.edit.variables import Scope
from gradstep.program.tensors.devices import random_state, set_random_state

_FILE = "<condition>"


class Expressions:
    """Compiles each once. Random numbers that one draws are not missing in the program."""

    def __init__(self, unwatched: Callable[[], AbstractContextManager[None]]) -> None:
        self._unwatched = unwatched
        self._compiled: dict[str, CodeType] = {}

    def value(self, source: str, scopes: list[Scope]) -> Any:
        """What it gives; raises what it raises."""
        code = self._compiled.get(source)
        if code is None:
            code = self._compiled[source] = compile(source, _FILE, "eval", dont_inherit=True)
        table: dict[str, Any] = {}
        for scope in reversed(scopes):
            table |= scope.get()
        before = random_state()
        try:
            with self._unwatched():
                return eval(code, table)
        finally:
            set_random_state(before)

    def holds(self, source: str, scopes: list[Scope]) -> bool | str:
        """Whether it is true; why that cannot be told, in one line. False while a name is not defined yet."""
        try:
            value = self.value(source, scopes)
            with self._unwatched():
                return bool(value)
        except NameError:
            return False
        except Exception as error:  # noqa: BLE001  (whatever it raises is the answer, and does not end the program)
            return f"{source}: {one_line(error)}"
