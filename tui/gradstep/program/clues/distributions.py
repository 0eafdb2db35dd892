"""Which results are log-probabilities: what `log_prob` of torch's distributions returned."""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable
from types import FunctionType
from typing import Any

import torch.distributions
from torch import Tensor

from gradstep.program.tape.modules import disguised, last_line

_MOST = 1024
_LINES = 2
"""Lines from the head of our wrapper to its call of the original."""


class LogProbabilities:
    """The latest ones, by the numbers of their autograd nodes."""

    def __init__(self) -> None:
        self._latest: deque[int] = deque(maxlen=_MOST)

    def watch(self) -> None:
        """Follow `log_prob` of every distribution that torch has."""
        for kind in vars(torch.distributions).values():
            run = vars(kind).get("log_prob") if isinstance(kind, type) else None
            if isinstance(run, FunctionType):
                seen = disguised(_following(self, run), run.__code__.co_filename, last_line(run), _LINES)
                functools.update_wrapper(seen, run)
                kind.log_prob = seen

    def note(self, result: Any) -> None:
        """One of them has returned."""
        if isinstance(result, Tensor) and result.grad_fn is not None:
            self._latest.append(result.grad_fn._sequence_nr())

    def __contains__(self, seq: object) -> bool:
        """Whether the result of that node is one."""
        return seq in self._latest


def _following(known: LogProbabilities, run: Callable[..., Any]) -> FunctionType:
    def log_prob(*args: Any, **kwargs: Any) -> Any:
        result = run(*args, **kwargs)
        known.note(result)
        return result

    return log_prob  # type: ignore[return-value]
