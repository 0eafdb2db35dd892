"""How much may be kept of all runs together, and how much a stop takes: estimates, for sizes must be had cheaply."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gradstep.model.stop import Stop
from gradstep.model.tensor import TensorView

GIB = 1 << 30
"""What is kept if nothing else is asked for."""
MOST = 100_000
"""Stops that are kept at most, however small they are: with more of them the screen would begin to hesitate."""
_STOP, _NODE, _VIEW, _ELEMENT, _LINK = 1_500, 500, 350, 32, 250
"""Bytes of a stop without its tensors, of a node of the graph, of a tensor's description, of an element, of a node of
autograd."""
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


class Budget:
    """Counts what is kept; what several runs share counts once."""

    def __init__(self, size: int = GIB, elsewhere: int = 0) -> None:
        self.size = size
        """Bytes that may be kept."""
        self.elsewhere = elsewhere
        """Bytes of them that are another's."""
        self.used = 0
        """Bytes that are kept."""
        self._uses: dict[int, int] = {}

    @property
    def is_over(self) -> bool:
        """Whether something has to go."""
        return self.used > self.size - self.elsewhere or len(self._uses) > MOST

    def take(self, kept: object, size: int) -> None:
        """Count what is kept from now on, once more."""
        uses = self._uses.get(id(kept), 0)
        self._uses[id(kept)] = uses + 1
        self.used += 0 if uses else size

    def give(self, kept: object, size: int) -> None:
        """Forget one use of it."""
        uses = self._uses[id(kept)]
        if uses > 1:
            self._uses[id(kept)] = uses - 1
        else:
            del self._uses[id(kept)]
            self.used -= size


def programs_share(size: int) -> int:
    """Bytes of a budget that are for copies in the program's process; stops on the screen's side take less."""
    return size * 3 // 4


def size_of(stop: Stop) -> int:
    """Bytes that a stop takes, about, without what it shares with others."""
    size = _STOP + _NODE * (len(stop.graph.nodes) + len(stop.receipts) + len(stop.facts) + len(stop.activations))
    for view in _views(stop):
        size += _VIEW + (_ELEMENT * view.size if view.value is not None else 0)
    return size


def shared_by(stop: Stop) -> Iterator[tuple[object, int]]:
    """What a stop shares with others, and the bytes of it."""
    earlier, autograd = stop.graph.earlier, stop.graph.autograd
    if earlier.nodes:
        yield earlier, (_NODE + _VIEW) * len(earlier.nodes)
    if autograd.nodes:
        yield autograd, _LINK * len(autograd.nodes)


def _views(stop: Stop) -> Iterator[TensorView]:
    yield from stop.tensors.values()
    for node in stop.graph.nodes:
        yield from (view for view in (node.view, node.gradient) if view is not None)
    for ledger in stop.gradients.values():
        views = (ledger.held, ledger.fresh, ledger.now, ledger.returned)
        yield from (view for view in views if view is not None)


def parse_size(text: str) -> int:
    """Bytes of `1GiB`, `500 MB`, `64M`, `1e9`; units are powers of 1024. ValueError if it is none."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?(?:e\d+)?)\s*([KMGT]?)i?B?\s*", text, re.IGNORECASE)
    if found is None:
        raise ValueError(f"{text!r} is no size; write it as 1GiB, 500MiB or 64M")
    size = float(found[1]) * _UNITS[found[2].upper()]
    if size >= 1 << 63:
        raise ValueError(f"{text!r} is more than any machine has")
    return int(size)


def size_text(size: int) -> str:
    """`1 GiB`, `64 MiB`."""
    unit = next((unit for unit in "TGMK" if size >= _UNITS[unit]), "")
    return f"{size / _UNITS[unit]:.3g} {unit}iB" if unit else f"{size} bytes"
