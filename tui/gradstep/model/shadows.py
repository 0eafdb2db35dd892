"""Files beside a program that take the place of a module which torch needs, as `random.py` does."""

from __future__ import annotations

import os
import sys

_LOADED = frozenset(
    "__future__ _collections_abc _sitebuiltins abc codecs encodings genericpath io ntpath os posixpath site stat "
    "zipimport".split()
)
"""Python has loaded these before the program begins: a file of that name hides nothing."""

_INSTALLED = frozenset(
    "filelock fsspec functorch jinja2 markupsafe mpmath networkx numpy packaging sympy torch torchgen "
    "typing_extensions yaml".split()
)
"""What torch imports besides the standard library, and torch."""


def shadows(folder: str) -> dict[str, str]:
    """Modules that a file (or a package) in the program's folder hides, with the path of that file."""
    hidden = (sys.stdlib_module_names | _INSTALLED) - _LOADED - frozenset(sys.builtin_module_names)
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
    return found
