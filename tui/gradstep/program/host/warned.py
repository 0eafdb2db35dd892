"""Warnings that come up below a call of ours, which stands for one of the program's: they are told of its line."""

from __future__ import annotations

import functools
import sys
import warnings
from collections.abc import Callable
from types import FrameType, FunctionType
from typing import Any

from gradstep.program.host.frames import is_ours


def name_own_lines(tell: Callable[[warnings.WarningMessage, FrameType], None]) -> None:
    """From now on a warning that would name one of our files names the place that has called it.

    `tell` is told of each that is shown, with the frame that has raised it.
    """
    module: Any = warnings
    show, impl = module._showwarnmsg, module._showwarnmsg_impl

    @functools.wraps(show)
    def shown(message: warnings.WarningMessage) -> None:
        caller = _caller(message.filename, sys._getframe(1))
        if caller is not None:
            message.filename, message.lineno = caller.f_code.co_filename, caller.f_lineno
        if module._showwarnmsg_impl is impl:  # else the program collects them
            tell(message, sys._getframe(1))
        show(message)

    module._showwarnmsg = shown


def passed_over(call: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, whose frame warnings do not count (`stacklevel`): python passes over its own import system."""
    assert isinstance(call, FunctionType)
    call.__code__ = call.__code__.replace(co_filename="<gradstep, as importlib/_bootstrap>")
    return call


def _caller(file: str, frame: FrameType | None) -> FrameType | None:
    """Who made the call that we have made instead; None if that file is not ours."""
    while frame is not None and not (frame.f_code.co_filename == file and is_ours(frame)):
        frame = frame.f_back
    while frame is not None and is_ours(frame):
        frame = frame.f_back
    if frame is not None and frame.f_code.co_name == "handle_torch_function" and frame.f_back is not None:
        frame = frame.f_back.f_back  # past the function itself, which is called once more
    return frame
