"""Tracebacks and stacks that the program writes, without our frames and those that we cause."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from types import FrameType, TracebackType
from typing import Any

from gradstep.program.host.frames import is_ours

_Walk = Callable[[Any], Iterator[tuple[FrameType, Any]]]


def hide_own_frames() -> None:
    """From now on the module `traceback` does not see them."""
    module: Any = traceback
    for name in ("walk_tb", "_walk_tb_with_full_positions"):
        if hasattr(module, name):
            setattr(module, name, _hiding(getattr(module, name), inwards=True))
    module.walk_stack = _hiding(module.walk_stack, inwards=False)


def _hiding(walk: _Walk, inwards: bool) -> _Walk:
    """`inwards`: it begins with the outermost frame."""

    def walked(start: Any) -> Iterator[tuple[FrameType, Any]]:
        if start is None:  # the frames of who asks are counted
            return walk(start)
        return _walked(start)

    def _walked(start: Any) -> Iterator[tuple[FrameType, Any]]:
        steps = list(walk(start))
        order = 1 if inwards else -1
        kept = theirs([frame for frame, _ in steps][::order])[::order]
        yield from (step for step, keep in zip(steps, kept, strict=True) if keep)

    return walked


def theirs(frames: Sequence[FrameType]) -> list[bool]:
    """Of each frame, the outermost first, whether it would be there without us."""
    kept = [not is_ours(frame) for frame in frames]
    for place, frame in enumerate(frames):
        if kept[place]:
            continue
        before = place - 1
        while before >= 0 and frames[before].f_code.co_filename.startswith("<frozen importlib"):
            kept[before] = False  # python takes them out itself, where none of ours stands between
            before -= 1
        if _runs_the_program(frame):
            kept[:place] = [False] * place
        elif place >= 2 and _hands_over(frames[place - 1]):
            kept[place - 2 : place] = [False, False]  # a function of torch's, which our mode makes it call once more
    return kept


def tracebacks_of(first: TracebackType | None) -> list[TracebackType]:
    """All of them, the outermost first, but for those that would not be there without us."""
    found = []
    while first is not None:
        found.append(first)
        first = first.tb_next
    kept = theirs([each.tb_frame for each in found])
    return [each for each, keep in zip(found, kept, strict=True) if keep]


def _hands_over(frame: FrameType) -> bool:
    code = frame.f_code
    return code.co_name == "handle_torch_function" and code.co_filename.replace("\\", "/").endswith(
        "torch/overrides.py"
    )


def _runs_the_program(frame: FrameType) -> bool:
    """Whether it is the one that calls the program, whom none of the program's has called."""
    return bool(frame.f_globals.get("__name__") == "gradstep.program.host.target" and frame.f_code.co_name == "run")
