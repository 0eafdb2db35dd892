"""Lets a program's own `random.py` or `json.py` hide Python's, as it does without us, and says so where that hurts."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from types import ModuleType

from gradstep.model.shadows import shadows
from gradstep.program.host.faults import chain_of, traceback_of
from gradstep.program.host.frames import is_user_file


class Shadowing:
    """The modules that files beside the program hide from everything it imports."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._files = shadows(folder)
        self._own: dict[str, ModuleType] = {}
        """Those we have imported, and go on using."""

    def make_room(self) -> None:
        """Forget that the hidden modules are imported: plain Python would not have them yet."""
        self._own |= self._taken_out()

    @contextlib.contextmanager
    def ours(self) -> Iterator[None]:
        """Import as if nothing were hidden."""
        if not self._files:
            yield
            return
        path, theirs = sys.path[:], self._taken_out()
        sys.path[:] = [entry for entry in path if os.path.abspath(entry) != self._folder]
        sys.modules.update(self._own)
        try:
            yield
        finally:
            self.make_room()
            sys.modules.update(theirs)
            sys.path[:] = path

    def _taken_out(self) -> dict[str, ModuleType]:
        names = [name for name in sys.modules if name.split(".")[0] in self._files]
        return {name: sys.modules.pop(name) for name in names}

    def hint(self, name: str) -> str:
        """What to do about it; empty if that module is not hidden."""
        path = self._files.get(name)
        if path is None:
            return ""
        file = os.path.dirname(path) if path.endswith("__init__.py") else path
        return f"{file} takes the place of the module {name} that torch and others import: rename it"

    def blame(self, error: BaseException) -> str:
        """The hint for the hidden module that an exception comes from; empty if it comes from none."""
        hints = (self.hint(self._culprit(each)) for each in chain_of(error)) if self._files else ()
        return next(filter(None, hints), "")

    def _culprit(self, error: BaseException) -> str:
        if isinstance(error, ImportError) and error.name:
            return error.name.split(".")[0]
        if isinstance(error, AttributeError) and isinstance(error.obj, ModuleType):
            return error.obj.__name__.split(".")[0]
        by_file = {path: name for name, path in self._files.items()}
        if isinstance(error, SyntaxError) and error.filename in by_file:
            return by_file[error.filename]
        called, trace = False, traceback_of(error)
        while trace is not None:
            file = trace.tb_frame.f_code.co_filename
            if called and file in by_file:
                return by_file[file]
            called |= not is_user_file(file) and not file.startswith("<")
            trace = trace.tb_next
        return ""
