"""Whether a Python expression only reads: one that changes the program must not be run at every stop."""

from __future__ import annotations

import ast

_CHANGING = frozenset(
    "append extend insert remove pop popitem clear update setdefault add discard sort reverse send throw close write "
    "writelines step backward zero_grad train eval load_state_dict manual_seed seed shuffle exec compile input open "
    "setattr delattr next __next__ __setattr__ __setitem__ __delitem__ __import__ exit quit breakpoint".split()
)
"""Names of calls that change something."""


def unwelcome(tree: ast.AST) -> str:
    """Why the expression may not be run again and again; empty if it may."""
    for node in ast.walk(tree):
        if isinstance(node, ast.NamedExpr):
            return "an assignment (:=) would change the program"
        if isinstance(node, ast.Await | ast.Yield | ast.YieldFrom):
            return "await and yield cannot stand here"
        if isinstance(node, ast.Call):
            called = node.func
            name = (
                called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
            )
            in_place = isinstance(called, ast.Attribute) and name.endswith("_") and not name.endswith("__")
            if name in _CHANGING or in_place:
                return f"{name}() would change the program"
    return ""
