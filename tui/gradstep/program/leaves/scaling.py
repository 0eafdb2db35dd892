"""A `GradScaler`: the loss it was given, the factor it put on it, the steps it skipped."""

from __future__ import annotations

import functools
import weakref
from typing import Any

import torch
from torch import Tensor


class Scaling:
    """What the program's scalers have done since it was last asked."""

    def __init__(self) -> None:
        self._scaled: list[tuple[weakref.ref[Tensor], weakref.ref[Tensor]]] = []
        self._factor: float | None = None
        self._skipped = 0
        self._steps = 0

    def watch(self) -> None:
        """Follow `scale`, `unscale_` and `step` of every GradScaler."""
        scaler: Any = torch.amp.GradScaler
        scale, unscale, step = scaler.scale, scaler.unscale_, scaler.step
        seen = self

        @functools.wraps(scale)
        def scale_seen(self: Any, outputs: Any) -> Any:
            result = scale(self, outputs)
            if isinstance(outputs, Tensor) and isinstance(result, Tensor) and result is not outputs:
                seen._scaled = [(weakref.ref(result), weakref.ref(outputs))]
                seen._factor = self.get_scale()
            return result

        @functools.wraps(unscale)
        def unscale_seen(self: Any, optimizer: Any) -> Any:
            seen._factor = None
            return unscale(self, optimizer)

        @functools.wraps(step)
        def step_seen(self: Any, optimizer: Any, *args: Any, **kwargs: Any) -> Any:
            steps = seen._steps
            result = step(self, optimizer, *args, **kwargs)
            seen._skipped += seen._steps == steps
            return result

        scaler.scale, scaler.unscale_, scaler.step = scale_seen, unscale_seen, step_seen

    def count_step(self) -> None:
        """An optimizer has really stepped."""
        self._steps += 1

    def unscaled(self, root: Tensor) -> Tensor | None:
        """The loss that was scaled to give `root`."""
        for scaled, loss in self._scaled:
            if scaled() is root:
                return loss()
        return None

    def factor(self) -> float | None:
        """The factor that gradients carry now."""
        return self._factor

    def take_skipped(self) -> int:
        """Steps skipped since last asked."""
        skipped, self._skipped = self._skipped, 0
        return skipped
