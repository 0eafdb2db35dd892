"""Files beside a program that take the place of a module which torch needs, as `random.py` does."""

from __future__ import annotations

import os
import subprocess
import sys

_INSTALLED = frozenset(
    "filelock fsspec functorch jinja2 markupsafe mpmath networkx numpy packaging sympy torch torchgen "
    "typing_extensions yaml".split()
)
"""What torch imports besides the standard library, and torch."""


def shadows(folder: str) -> dict[str, str]:
    """Modules that a file (or a package) in the program's folder hides, with the path of that file."""
    hidden = (sys.stdlib_module_names | _INSTALLED) - frozenset(sys.builtin_module_names)
    try:
        names = os.listdir(folder or ".")
    except OSError:
        return {}
    found = {}
    for name in sorted(names):
        module, _, ending = name.partition(".")
        path = os.path.join(folder, name) if ending else os.path.join(folder, name, "__init__.py")
        if module in hidden and ending in ("", "py") and os.path.isfile(path):
            found[module] = path
    loaded = _loaded() if found else frozenset[str]()
    return {module: path for module, path in found.items() if module not in loaded}


def _loaded() -> frozenset[str]:
    """What Python has loaded before a program begins, installed packages' `.pth` files included: nothing hides it."""
    command = [sys.executable, "-c", "import sys; print(*sys.modules)"]
    asked = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    return frozenset(asked.stdout.split())
