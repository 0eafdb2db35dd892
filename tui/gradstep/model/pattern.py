"""Names of tensors and modules as people write them: the end of a path, or a pattern."""

from __future__ import annotations

from fnmatch import fnmatchcase


def fits(name: str, pattern: str) -> bool:
    """Whether a name is that one, ends in it, or is one of those that `*`, `?` and `[…]` stand for."""
    return name == pattern or fnmatchcase(name, pattern) or fnmatchcase(name, f"*.{pattern}")
