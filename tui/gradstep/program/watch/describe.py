"""Fills a stop with what can be seen at it: names, leaves, results, gradients, and what of it changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from types import FrameType

from msgspec.structs import replace
from torch import Tensor

from gradstep.model.graph import Additions
from gradstep.model.message import Statistics
from gradstep.model.stop import Gradient, Stop
from gradstep.model.tensor import TensorView
from gradstep.program.watch.flows import Flows
from gradstep.program.watch.graphs import NOT_DRAWN, Drawn
from gradstep.program.watch.leaves import Leaf, Leaves
from gradstep.program.watch.ledger import Ledger
from gradstep.program.watch.names import Scope
from gradstep.program.watch.ops import Result
from gradstep.program.watch.quiet import quiet
from gradstep.program.watch.views import is_rough, place_of, quick, version_of, view

MOST_RESULTS = 200
"""A graph of more ops is drawn, but its results are not listed one by one."""

_BATCH = 0.02
"""Seconds of statistics that are sent in one message."""


class Describer:
    """Knows the stop before, so that it can say what changed."""

    def __init__(self, leaves: Leaves, ledger: Ledger) -> None:
        self._leaves = leaves
        self._ledger = ledger
        self._last = _Shown()
        self._whole = _Shown()
        self.drawn = NOT_DRAWN
        self.graph = NOT_DRAWN.graph
        """As drawn, with what backward has put on it."""
        self._new_graph = False
        self._unread: list[tuple[str, TensorView, Result]] = []
        """Large results of the new graph, as they are shown."""

    def look(self, frame: FrameType | None) -> Scope:
        """Find what the program can name now, and give the leaves their names."""
        scope = Scope(frame)
        for tensor in scope.parameters.values():
            if tensor.requires_grad:
                self._leaves.add(tensor)
        leaves = list(self._leaves)
        for leaf in leaves:
            leaf.name = self._keep_or_find(leaf, scope)
        taken = {leaf.name for leaf in leaves}
        for number, leaf in enumerate(leaves, 1):
            if not leaf.name:
                leaf.name = next(name for name in _spare_names(number) if name not in taken)
                taken.add(leaf.name)
        return scope

    def look_if_needed(self, frame: FrameType | None) -> None:
        """The same, if there is a leaf without a name."""
        if any(not leaf.name for leaf in self._leaves):
            self.look(frame)

    @staticmethod
    def _keep_or_find(leaf: Leaf, scope: Scope) -> str:
        tensor = leaf.tensor
        found = scope.names.get(id(tensor), "")
        bound_to = scope.bound.get(leaf.name)
        if leaf.name and bound_to == id(tensor):
            return leaf.name
        if leaf.name and not found and bound_to is None:
            return leaf.name
        return found

    def use(self, drawn: Drawn) -> None:
        """Show that graph from now on."""
        self.drawn, self.graph = drawn, drawn.graph
        self._new_graph = True

    def grow(self, more: Additions) -> None:
        """More has become known of the graph."""
        self.graph = self.graph.grown(more)

    def fill(
        self,
        stop: Stop,
        eager: bool,
        flows: Flows | None = None,
    ) -> Stop:
        """The stop with everything in it.

        `eager`: with the statistics of large tensors, else `rest` gives them. `flows`: at a backward stop, the
        gradients on their way.
        """
        look = view if eager else quick
        tensors, leaves = self._leaf_views(look)
        self._unread = []
        if self._new_graph and len(self.graph.nodes) <= 2 * MOST_RESULTS:
            self._add_results(tensors)
        self._new_graph = False
        gradients = self._ledgers(look)
        if flows is not None:
            self.graph = flows.put_on(self.graph, gradients)
        changed = (self._whole if stop.whole else self._last).changed(tensors, gradients)
        for shown in (self._last, self._whole) if stop.whole else (self._last,):
            shown.tensors.update(tensors)
            shown.gradients = dict(gradients)
        return replace(stop, tensors=tensors, leaves=leaves, gradients=gradients, graph=self.graph, changed=changed)

    def _add_results(self, tensors: dict[str, TensorView]) -> None:
        """List what the ops of the graph have made; statistics of large ones come later."""
        for number, node in enumerate(self.graph.nodes):
            if node.view is not None and node.kind != "leaf" and node.name != "constant":
                listed = tensors.setdefault(node.name, node.view)
                if listed is node.view and is_rough(listed) and not listed.freed:
                    self._unread.append((node.name, listed, self.drawn.results[number]))

    def rest(self, stop: Stop) -> Iterator[Statistics | None]:
        """The statistics that a stop went without, in pieces; None where there is nothing to send yet."""
        tensors: dict[str, TensorView] = {}
        gradients: dict[str, Gradient] = {}
        since = time.perf_counter()
        for complete in self._incomplete():
            with quiet():
                complete(tensors, gradients)
            ripe = time.perf_counter() - since > _BATCH
            yield Statistics(stop.index, tensors, gradients) if ripe else None
            if ripe:
                tensors, gradients, since = {}, {}, time.perf_counter()
        if tensors or gradients:
            yield Statistics(stop.index, tensors, gradients)

    def _incomplete(self) -> Iterator[Callable[[dict[str, TensorView], dict[str, Gradient]], None]]:
        """What may lack something."""
        for leaf in self._leaves:
            yield partial(self._complete, leaf)
        for unread in self._unread:
            yield partial(self._read, *unread)

    def _read(
        self, name: str, rough: TensorView, result: Result, tensors: dict[str, TensorView], _: dict[str, Gradient]
    ) -> None:
        """Compute the statistics of a result, if it is still there as it was."""
        tensor = result.ref()
        if tensor is not None and version_of(tensor) == result.version:
            tensors[name] = view(tensor)
            self._take(name, rough, tensors[name])

    def _take(self, name: str, rough: TensorView, whole: TensorView) -> None:
        """What was shown before is not taken for changed because it has become known."""
        for shown in (self._last, self._whole):
            if shown.tensors.get(name) is rough:
                shown.tensors[name] = whole

    def _complete(self, leaf: Leaf, tensors: dict[str, TensorView], gradients: dict[str, Gradient]) -> None:
        """Compute what a leaf's views lack. What was shown before is not taken for changed by that."""
        tensor, rough = leaf.tensor, leaf.view
        if tensor is not None and rough is not None and is_rough(rough):
            leaf.view = tensors[leaf.name] = view(tensor)
            self._take(leaf.name, rough, leaf.view)
        rough = leaf.now
        if tensor is not None and tensor.grad is not None and rough is not None and is_rough(rough):
            entry = self._ledger.gradient(leaf, view)
            if entry is None:
                return
            gradients[leaf.name] = entry
            for shown in (self._last, self._whole):
                known = shown.gradients.get(leaf.name)
                if known is not None and known.now is rough:
                    shown.gradients[leaf.name] = entry

    def _leaf_views(self, look: Callable[[Tensor], TensorView]) -> tuple[dict[str, TensorView], tuple[str, ...]]:
        tensors: dict[str, TensorView] = {}
        for leaf in self._leaves:
            tensor = leaf.tensor
            if tensor is None:
                continue
            shown = leaf.view
            if shown is None or (look is view and is_rough(shown)) or _is_other(leaf, shown, tensor):
                shown, leaf.view_of = look(tensor), version_of(tensor)
                leaf.view = shown
            tensors[leaf.name] = shown
        return tensors, tuple(tensors)

    def _ledgers(self, look: Callable[[Tensor], TensorView]) -> dict[str, Gradient]:
        entries = ((leaf.name, self._ledger.gradient(leaf, look)) for leaf in self._leaves)
        return {name: entry for name, entry in entries if entry is not None}


class _Shown:
    """What a stop has shown, to compare the next one with."""

    def __init__(self) -> None:
        self.tensors: dict[str, TensorView] = {}
        self.gradients: dict[str, Gradient] = {}

    def changed(self, tensors: dict[str, TensorView], gradients: dict[str, Gradient]) -> tuple[str, ...]:
        """Names of what is not as it was shown."""
        known = dict.fromkeys((*gradients, *self.gradients))
        changed = [name for name, shown in tensors.items() if _is_new(self.tensors.get(name), shown)]
        changed += [f"{name}.grad" for name in known if _turned(self.gradients.get(name), gradients.get(name))]
        return tuple(changed)


def _is_new(old: TensorView | None, new: TensorView) -> bool:
    """Whether a view shows something else. Two rough views cannot be compared: it is the same only if it is reused."""
    return old is not new and (old is None or is_rough(new) or old != new)


def _turned(old: Gradient | None, new: Gradient | None) -> bool:
    """Whether what is in `.grad` (or was returned) is not what it was."""
    before, after = (old.now if old else None), (new.now if new else None)
    returned_before, returned = (old.returned if old else None), (new.returned if new else None)
    changed = before is not None if after is None else _is_new(before, after)
    return changed or (returned is not None and _is_new(returned_before, returned))


def _is_other(leaf: Leaf, shown: TensorView, tensor: Tensor) -> bool:
    """Whether the tensor has been written to, or is elsewhere, since it was shown."""
    moved = shown.device != place_of(tensor.device) or shown.shape != tuple(tensor.shape)
    return moved or leaf.view_of != version_of(tensor)


def _spare_names(number: int) -> list[str]:
    """For a leaf that the program has no name for."""
    return [f"leaf_{number + extra}" for extra in range(10_000)]
