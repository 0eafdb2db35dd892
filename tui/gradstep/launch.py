"""What is to be run, checked as far as it can be without running any of it. Wrong usage is a ValueError of one line."""

from __future__ import annotations

import os
import random
import sys
import warnings
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader

from gradstep.model.message import Launch


def launch(
    program: str | None,
    args: tuple[str, ...],
    module: str | None,
    device: str | None,
    seed: int | None,
    stops: int | None,
) -> Launch:
    """A file, a notebook or a module, as the command line names it."""
    seed = random.SystemRandom().randrange(2**31) if seed is None else seed
    if not 0 <= seed < 2**32:
        raise ValueError(f"--seed {seed}: a seed is between 0 and 4294967295")
    here = os.getcwd()
    for text in (here, module or "", program or "", *args):
        if not _is_utf8(text):
            raise ValueError(f"{text}: not UTF-8, and so no name that can be used here; rename it")
    if module:
        _check_module(module, here)
        argv = (module, *([program] if program is not None else []), *args)
        return Launch("module", module, argv, here, device, seed, stops)
    if program is None:
        raise ValueError("which program? gradstep run PROGRAM, or gradstep alone for the lessons")
    path = os.path.abspath(program)
    if os.path.isdir(path):
        raise ValueError(f"{program} is a folder; name a .py file, an .ipynb notebook, or use -m MODULE")
    if not os.path.exists(path):
        raise ValueError(f"{program}: no such file")
    if path.endswith(".ipynb"):
        _check_notebook(program, path)
        return Launch("notebook", path, (program, *args), here, device, seed, stops)
    _check_source(program, path)
    return Launch("file", path, (program, *args), here, device, seed, stops)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_notebook(program: str, path: str) -> None:
    from gradstep.model.notebook import read_cells

    try:
        read_cells(path)
    except OSError as error:
        raise ValueError(f"{program}: {error.strerror}") from error


def _check_source(program: str, path: str) -> None:
    """Compile it, as Python will before it runs it."""
    try:
        with open(path, "rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(file.read(), path, "exec", dont_inherit=True)
    except SyntaxError as error:
        place = f"{program}:{error.lineno}" if error.lineno else program
        raise ValueError(f"{place}: {error.msg}") from error
    except ValueError as error:
        raise ValueError(f"{program} is no Python file: {error}") from error
    except OSError as error:
        raise ValueError(f"{program}: {error.strerror}") from error


def _check_module(name: str, directory: str) -> None:
    """Find a module as `python -m` will, but import no package on the way: that would run the user's code here."""
    if not all(part.isidentifier() for part in name.split(".")):
        raise ValueError(f"-m {name}: a module is named as in an import: package.module")
    spec: ModuleSpec | None = None
    path: list[str] | None = None
    done = ""
    for part in name.split("."):
        done = f"{done}.{part}" if done else part
        below = _find(done, path, directory)
        if below is None and spec is not None and _makes_its_path(spec):
            return
        if below is None:
            raise ValueError(f"-m {name}: no module {done} in {directory} or among the installed packages")
        spec = below
        path = list(spec.submodule_search_locations) if spec.submodule_search_locations is not None else []
    if spec is not None and spec.submodule_search_locations is not None:
        package, spec = spec, _find(f"{name}.__main__", path, directory)
        if spec is None and not _makes_its_path(package):
            raise ValueError(f"-m {name}: a package without a __main__ module; name one of its modules")
    if spec is not None and spec.origin is not None and isinstance(spec.loader, SourceFileLoader):
        _check_source(os.path.relpath(spec.origin, directory), spec.origin)
    elif spec is not None:
        raise ValueError(f"-m {name}: that module is not written in Python")


def _find(name: str, path: list[str] | None, directory: str) -> ModuleSpec | None:
    """A module in the folders of its package (`path`); a top one from the working directory and what is installed.

    By its last name: by its full name a package without `__init__.py` could not be found unless imported.
    """
    found = PathFinder.find_spec(name.rpartition(".")[2], [directory, *sys.path] if path is None else path)
    for finder in sys.meta_path:
        if found is None and finder is not PathFinder:
            found = finder.find_spec(name, path)
    return found


def _makes_its_path(spec: ModuleSpec) -> bool:
    """Whether a package says itself where its modules are: only running it would tell."""
    if spec.origin is None or not os.path.isfile(spec.origin):
        return False
    with open(spec.origin, "rb") as file:
        return b"__path__" in file.read()
