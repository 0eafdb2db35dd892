"""torch's own functions, where the program has put others in their place."""

from __future__ import annotations

import gc
from collections.abc import Callable
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType, MethodDescriptorType
from typing import Any

from torch.overrides import handle_torch_function

from gradstep.program.host.frames import is_torch_or_ours

HANDS_OVER: CodeType = handle_torch_function.__code__
"""A frame of this code hands a function of torch's, which is that of the frame outside it, over to a mode."""


class Originals:
    """Finds them by their code."""

    def __init__(self) -> None:
        self._known: dict[CodeType, Callable[..., Any]] = {}

    def behind(self, func: Callable[..., Any], frame: FrameType) -> Callable[..., Any]:
        """What is to be called for `func`, which the function of that frame has handed over: what hands over itself."""
        code = frame.f_code
        handed = getattr(func, "__code__", None)
        if handed is code or (handed is None and isinstance(func, BuiltinFunctionType | MethodDescriptorType)):
            return func
        if handed is not None and is_torch_or_ours(handed.co_filename):
            return func
        known = self._known.get(code)
        if known is None:
            found = (
                each for each in gc.get_referrers(code) if isinstance(each, FunctionType) and each.__code__ is code
            )
            known = self._known[code] = next(found, None) or FunctionType(code, frame.f_globals)
        return known
