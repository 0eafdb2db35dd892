"""Takes our mode off the stack in long stretches without grad (evaluation), where nothing is to be seen."""

from __future__ import annotations

import functools
import sys
from types import CodeType
from typing import Any

import torch

from gradstep.program.host.frames import user_frame
from gradstep.program.session.recorder import Recorder

_MANY = 64
"""Calls after which a stretch counts as long."""


class _Aside:
    """Learns, for each place that turns grad off, whether it is long and writes to no leaf."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self._long: dict[tuple[CodeType, int], bool] = {}
        self._open: list[tuple[tuple[CodeType, int] | None, int, bool]] = []

    def enter(self) -> None:
        """Grad is being turned off."""
        frame = user_frame(sys._getframe(2))
        place = (frame.f_code, frame.f_lasti) if frame is not None else None
        recorder = self.recorder
        gone = place is not None and self._long.get(place, False) and recorder.step_aside()
        if not gone:
            recorder.wrote_without_grad = False
        self._open.append((place, recorder.calls_without_grad, gone))

    def leave(self) -> None:
        """Grad is back as it was."""
        if not self._open:
            return
        place, calls, gone = self._open.pop()
        recorder = self.recorder
        if gone:
            recorder.come_back()
        elif place is not None:
            long = recorder.calls_without_grad - calls > _MANY
            self._long[place] = long and not recorder.wrote_without_grad and not recorder.updates.stepping


def step_aside_without_grad(recorder: Recorder) -> None:
    """Follow `no_grad` and `inference_mode`, as statement and as decorator."""
    aside = _Aside(recorder)
    kinds: tuple[Any, ...] = (torch.no_grad, torch.inference_mode)
    for kind in kinds:
        _follow(kind, aside)


def _follow(kind: Any, aside: _Aside) -> None:
    enter, leave = kind.__enter__, kind.__exit__

    @functools.wraps(enter)
    def enter_seen(self: Any) -> Any:
        aside.enter()
        return enter(self)

    @functools.wraps(leave)
    def leave_seen(self: Any, *error: Any) -> Any:
        result = leave(self, *error)
        aside.leave()
        return result

    kind.__enter__, kind.__exit__ = enter_seen, leave_seen
