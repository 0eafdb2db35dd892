"""Answers what the screen asks about one tensor, of this stop or of one before, while the program waits. Reads only."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from msgspec.structs import replace
from torch import Tensor

from gradstep.model.message import Fetch, Fetched
from gradstep.model.tensor import TensorView, Value
from gradstep.program.host.faults import repr_of, words_of
from gradstep.program.leaves.leaves import Leaves
from gradstep.program.stops.archive import Archive
from gradstep.program.stops.describe import Describer
from gradstep.program.tape.ops import Result
from gradstep.program.tensors.elements import Elements, values_of
from gradstep.program.tensors.quiet import quiet, quietly
from gradstep.program.tensors.survey import seek, survey
from gradstep.program.tensors.views import frame_of, unreadable

MOST = 1 << 16
"""Elements of one window."""

NOT_KEPT = "its elements were not kept at that stop; those of leaves are, as far as --history goes"


@dataclass(frozen=True)
class InspectedTensor:
    """A tensor, or why there is none."""

    tensor: Tensor | None = None
    problem: str = ""
    note: str = ""
    seen: TensorView | None = None
    """What was seen of one that is freed."""
    device: str = ""
    """Where the tensor was that this is a copy of."""


class Inspector:
    """Finds tensors of the stop at which the program waits, copies of leaves at earlier ones, and reads them."""

    def __init__(self, leaves: Leaves, describer: Describer, archive: Archive) -> None:
        self._leaves = leaves
        self._describer = describer
        self._archive = archive

    def answer(self, fetch: Fetch) -> Iterator[Fetched | None]:
        """None while it is at work, then the answer."""
        with quiet():
            found = self._find(fetch)
        if found.problem or found.tensor is None:
            yield Fetched(fetch, view=found.seen, problem=found.problem)
            return
        try:
            for answer in _read(fetch, found.tensor, found.note):
                yield _placed(answer, found.device)
        except (RuntimeError, NotImplementedError, TypeError, ValueError) as error:
            with quiet():
                seen = frame_of(found.tensor)
            yield Fetched(
                fetch, seen, problem=f"torch cannot read it: {(words_of(error) or repr_of(error)).splitlines()[0]}"
            )

    def _find(self, fetch: Fetch) -> InspectedTensor:
        """The tensor that was asked for, or why it is not to be had."""
        if fetch.past:
            return self._earlier(fetch)
        if fetch.node < 0:
            return self._leaf(fetch)
        result = self._result(fetch.node)
        if result is None:
            return InspectedTensor(problem="nothing is kept of it any more")
        tensor = result.tensor()
        if tensor is None:
            overwritten = result.kept is not None
            words = "it was overwritten in place since" if overwritten else "it was freed before it could be read"
            return InspectedTensor(problem=words, seen=result.frame())
        note = ""
        if result.kept is None and not tensor.is_inference() and tensor._version != result.version:
            note = "as it is now: it was written to since the forward pass"
        if fetch.side == "gradient":
            source = result.ref()
            kept = source.grad if source is not None and (source.is_leaf or source.retains_grad) else None
            return InspectedTensor(kept, "" if kept is not None else "its gradient was not kept")
        return InspectedTensor(tensor, note=note)

    def _earlier(self, fetch: Fetch) -> InspectedTensor:
        copy = self._archive.find(fetch.name, fetch.side, fetch.past) if fetch.node < 0 else None
        if copy is None:
            return InspectedTensor(problem=NOT_KEPT)
        return InspectedTensor(copy.tensor, device=copy.device)

    def _leaf(self, fetch: Fetch) -> InspectedTensor:
        for leaf in self._leaves:
            tensor = leaf.tensor
            if leaf.name == fetch.name and tensor is not None:
                wanted = tensor if fetch.side == "value" else tensor.grad
                return InspectedTensor(wanted, "" if wanted is not None else ".grad is None")
        return InspectedTensor(problem="the program has no tensor of that name at this stop")

    def _result(self, box: int) -> Result | None:
        """What a box of the graph shows."""
        return self._describer.drawn.result(box)


def _read(fetch: Fetch, tensor: Tensor, note: str) -> Iterator[Fetched | None]:
    with quiet():
        known = Fetched(fetch, frame_of(tensor), note=note, problem=unreadable(tensor))
        elements = None if known.problem else Elements(tensor)
    if elements is None:
        yield known
        return
    known = replace(known, layout=elements.layout)
    if fetch.want == "window":
        with quiet():
            yield replace(known, values=_window(elements, fetch))
    elif fetch.want == "seek":
        for at in quietly(seek(elements, fetch.after)):
            yield None if at is None else replace(known, at=at)
    else:
        for found in quietly(survey(elements)):
            yield None if found is None else replace(known, survey=found)


def _placed(answer: Fetched | None, device: str) -> Fetched | None:
    """The answer about a copy, with the device of the tensor itself."""
    if answer is None or answer.view is None or not device:
        return answer
    return replace(answer, view=replace(answer.view, device=device))


def _window(elements: Elements, fetch: Fetch) -> tuple[Value, ...]:
    if len(fetch.window) != len(elements.shape) or math.prod(span[1] for span in fetch.window) > MOST:
        raise ValueError(f"no window of a tensor of shape {list(elements.shape)}")
    return tuple(values_of(elements.window(fetch.window)))
