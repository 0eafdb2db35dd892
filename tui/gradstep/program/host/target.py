"""The three kinds of program: a file, a module, a notebook. Each is made to run as python (or Jupyter) would run it."""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import importlib.machinery
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable
from types import CodeType, ModuleType

from gradstep.model.message import Launch
from gradstep.program.host import notebook
from gradstep.program.host.frames import place, place_in


class Program:
    """Code that is ready to run in a fresh `__main__`."""

    def __init__(self, main: ModuleType, code: CodeType | None, cells: list[Callable[[], CodeType]]) -> None:
        self._main = main
        self._code = code
        self._cells = cells
        self.first = place(code, _first_line(code)) if code else place_in(main.__file__ or "", 2)

    def run(self, cell_ended: Callable[[], None], begins: Callable[[], None]) -> None:
        """Run it; `begins` is called right before, `cell_ended` after each cell of a notebook."""
        begins()
        if self._code is not None:
            exec(self._code, self._main.__dict__)
            return
        with contextlib.ExitStack() as stack:
            runner: asyncio.Runner | None = None
            for cell in self._cells:
                waiting = eval(cell(), self._main.__dict__)
                if inspect.iscoroutine(waiting):
                    runner = runner or stack.enter_context(asyncio.Runner())
                    runner.run(waiting)
                elif runner is not None:
                    runner.run(asyncio.sleep(0))  # what goes on beside the cells goes on
                cell_ended()


def _first_line(code: CodeType) -> int:
    """The first line that does something: not the docstring."""
    lines = [number for *_, number in code.co_lines() if number]
    documented = bool(code.co_consts) and isinstance(code.co_consts[0], str) and "__doc__" in code.co_names[:1]
    later = [number for number in lines if number > lines[0]] if lines and documented else lines
    return min(later or lines, default=1)


def prepare(launch: Launch) -> Program:
    """Make `__main__`, `sys.argv` and `sys.path` what the program expects, and compile it."""
    sys.argv = list(launch.argv)
    sys.orig_argv = [sys.executable, *(["-m"] if launch.kind == "module" else []), *launch.argv]
    main = ModuleType("__main__")
    main.__dict__["__builtins__"] = builtins
    if sys.version_info < (3, 14):
        main.__annotations__ = {}
    sys.modules["__main__"] = main
    if "__mp_main__" in sys.modules:
        sys.modules["__mp_main__"] = main
    if launch.kind == "module":
        return _module(main, launch.target)
    if not sys.flags.safe_path:
        sys.path.insert(0, os.path.dirname(launch.target))
    main.__file__ = launch.target
    if launch.kind == "notebook":
        os.chdir(os.path.dirname(launch.target))
        return Program(main, None, notebook.prepare_cells(launch.target, main))
    main.__loader__ = importlib.machinery.SourceFileLoader("__main__", launch.target)
    main.__spec__ = None
    main.__dict__["__cached__"] = None
    with open(launch.target, "rb") as file:
        return Program(main, compile(file.read(), launch.target, "exec", dont_inherit=True), [])


def _module(main: ModuleType, name: str) -> Program:
    """As `python -m name`."""
    if not sys.flags.safe_path:
        sys.path.insert(0, os.getcwd())
    spec = importlib.util.find_spec(name)
    if spec is not None and spec.submodule_search_locations is not None:
        spec = importlib.util.find_spec(name + ".__main__")
    if spec is None or not isinstance(spec.loader, importlib.machinery.SourceFileLoader):
        raise ModuleNotFoundError(f"No module named {name!r} that can be run")
    code = spec.loader.get_code(spec.name)
    if code is None:
        raise ModuleNotFoundError(f"{name!r} has no code")
    main.__spec__ = spec
    main.__loader__ = spec.loader
    main.__package__ = spec.parent
    main.__file__ = sys.argv[0] = code.co_filename
    main.__dict__["__cached__"] = spec.cached
    return Program(main, code, [])
