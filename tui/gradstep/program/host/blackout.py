"""When nothing that the program's thread does is to be taken for the program's own doing."""

from __future__ import annotations

from types import TracebackType


class Blackout:
    """A `with` block around what is not to be watched: a compiled callable, the prompt, a pass that runs again."""

    def __init__(self) -> None:
        self.depth = 0

    def __bool__(self) -> bool:
        """Whether one is under way."""
        return self.depth > 0

    def __enter__(self) -> None:
        self.depth += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.depth -= 1
