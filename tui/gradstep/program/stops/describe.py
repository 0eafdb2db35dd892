"""Fills a stop with what can be seen at it: names, leaves, results, gradients, and what of it changed."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from operator import is_
from types import FrameType

from msgspec.structs import replace
from torch import Tensor

from gradstep.model.graph import Additions, GraphNode, Local, Module, plain
from gradstep.model.message import Statistics
from gradstep.model.stop import Gradient, Stop
from gradstep.model.tensor import SMALL, TensorView
from gradstep.program.graph.flows import Flows
from gradstep.program.graph.graphs import NOT_DRAWN, Drawn
from gradstep.program.host.watcher import Pace
from gradstep.program.leaves.held_modules import HeldModules
from gradstep.program.leaves.leaves import Leaf, Leaves
from gradstep.program.leaves.ledger import Ledger
from gradstep.program.leaves.module_names import KnownModules, library_of
from gradstep.program.leaves.names import Scope
from gradstep.program.stops.shown import LastShown, of_gradient
from gradstep.program.tape.ops import Result
from gradstep.program.tensors.quiet import quiet
from gradstep.program.tensors.views import frame_of, is_rough, place_of, shape_of, version_of, view

MOST_RESULTS = 200
"""A graph of more ops is drawn, but of its results only those that have a name are listed."""

_MOST_READ = 4_096
"""Elements of small leaves, and of small gradients, whose values a stop has at once; those of the others come late."""

_BATCH = 0.02
"""Seconds of statistics that are sent in one message."""


@dataclass
class _Late:
    """What has become known of a stop."""

    tensors: dict[str, TensorView] = field(default_factory=dict)
    gradients: dict[str, Gradient] = field(default_factory=dict)
    same: list[str] = field(default_factory=list)
    update: bool = False
    """Whether leaves have changed is told by their receipts: their statistics may well be the same."""

    def told(self, stop: Stop) -> Statistics:
        """All of it."""
        return Statistics(stop.index, self.tensors, self.gradients, same=tuple(self.same))


@dataclass(frozen=True)
class _State:
    """The leaves and their gradients. Another one is not like it once one of them, or what is in it, has changed."""

    weights: list[object]
    numbers: list[int]
    """Versions of the gradients, owners of the leaves, and how often the ledger has changed."""
    grads: list[weakref.ref[Tensor]]

    @classmethod
    def of(cls, leaves: Leaves, changes: int) -> _State:
        """As they are now, with how often their ledger has changed. Taken at every op: it has to be quick."""
        alive = [(leaf, tensor) for leaf in leaves if (tensor := leaf.ref()) is not None]
        tensors = [tensor for _, tensor in alive]
        grads = [grad for tensor in tensors if (grad := tensor.grad) is not None]
        weights = [(shape_of(tensor), tensor.device, tensor.requires_grad) for tensor in tensors]
        owners = [number for leaf, _ in alive for number in leaf.owners]
        return cls(
            [_versions(tensors), weights], [changes, *_versions(grads), *owners], [weakref.ref(grad) for grad in grads]
        )

    def has_weights_of(self, other: _State | None) -> bool:
        """Whether no leaf has changed since the other."""
        return other is not None and self.weights == other.weights

    def has_grads_of(self, other: _State | None) -> bool:
        """Whether no gradient has."""
        if other is None or self.numbers != other.numbers or len(self.grads) != len(other.grads):
            return False
        return all(map(is_, self.grads, other.grads))


def _versions(tensors: list[Tensor]) -> list[int]:
    try:
        return [tensor._version for tensor in tensors]
    except RuntimeError:  # one of them has none: it was made in inference mode
        return [version_of(tensor) for tensor in tensors]


class _QuickLook:
    """Values of small tensors, as long as they are not too many; of others neither values nor statistics."""

    def __init__(self) -> None:
        self._left = _MOST_READ

    def __call__(self, tensor: Tensor) -> TensorView:
        size = tensor.numel() if not tensor.is_nested else 1
        if size > SMALL or self._left <= 0:
            return frame_of(tensor)
        self._left -= size
        return view(tensor)


class Describer:
    """Knows the stop before, so that it can say what changed."""

    def __init__(self, leaves: Leaves, ledger: Ledger, held: HeldModules) -> None:
        self.modules: dict[int, Module] = {}
        """Those that were in sight when the leaves were named last, by identity."""
        self._leaves = leaves
        self._held = held
        self._ledger = ledger
        self._known = KnownModules()
        self._last = LastShown()
        self._whole = LastShown()
        self._now = self._last
        """With which of them the stop was compared."""
        self.drawn = NOT_DRAWN
        self.graph = NOT_DRAWN.graph
        """As drawn, with what backward has put on it."""
        self._new_graph = False
        self._state: _State | None = None
        """Of the leaves when they were looked at last."""
        self._eager = False
        self._views: dict[str, TensorView] = {}
        self._entries: dict[str, Gradient] = {}
        """What was seen of them then."""
        self._unread: list[tuple[str, TensorView, Result]] = []
        """Large results of the new graph, as they are shown."""

    def look(self, frame: FrameType | None) -> Scope:
        """Find what the program can name now, and give the leaves their names."""
        scope = Scope(frame, self._known)
        self._name_leaves(scope, frame)
        self._leaves.arrange(dict.fromkeys((*scope.parameters, *self._held.order())))
        return scope

    def look_on(self, frame: FrameType | None) -> Scope:
        """The same within a phase: leaves and modules that have a name keep it."""
        scope = Scope(frame, self._known)
        named = {number: module for number, module in self.modules.items() if number in scope.modules}
        scope.modules = scope.modules | self._held.modules() | named
        if any(not leaf.name for leaf in self._leaves):
            self._name_leaves(scope, frame)
        return scope

    def _name_leaves(self, scope: Scope, frame: FrameType | None) -> None:
        self._state = None
        for tensor in scope.parameters.values():
            if tensor.requires_grad:
                self._leaves.add(tensor)
        leaves = list(self._leaves)
        for leaf in leaves:
            leaf.name = self._keep_or_find(leaf, scope)
        missing = {id(held): leaf for leaf in leaves if not leaf.name and (held := leaf.tensor) is not None}
        for number, name in (self._held.names(frame, set(missing)) if missing else {}).items():
            missing[number].name = name
        self.modules = scope.modules = self._held.modules() | scope.modules
        taken = {leaf.name for leaf in leaves}
        for number, leaf in enumerate(leaves, 1):
            if not leaf.name:
                leaf.name = next(name for name in _spare_names(number) if name not in taken)
                taken.add(leaf.name)
        libraries = self._held.libraries() | scope.libraries
        for leaf in leaves:
            if not leaf.passes:
                known = leaf.library if leaf.name.startswith(f"{leaf.library}.") else ""
                leaf.library = library_of(leaf.name, libraries) or known

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

    def use(self, drawn: Drawn, goes_on: bool = False) -> None:
        """Show that graph from now on; `goes_on`: the one before, with more ops."""
        known = self.graph.locals if goes_on else ()
        self.drawn, self.graph = drawn, drawn.graph
        if known:
            more = len(drawn.graph.edges) - len(known)
            self.graph = replace(drawn.graph, locals=known + (Local(),) * more)
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
        tensors, gradients = self._of_leaves(eager)
        leaves = tuple(tensors)
        self._unread = []
        if self._new_graph:
            self._add_results(tensors)
        self._new_graph = False
        if flows is not None:
            self.graph = flows.put_on(self.graph, gradients)
        self._now = self._whole if stop.whole else self._last
        changed = self._now.changed(tensors, gradients)
        for shown in (self._last, self._whole) if stop.whole else (self._last,):
            shown.show(tensors, gradients)
        return replace(stop, tensors=tensors, leaves=leaves, gradients=gradients, graph=self.graph, changed=changed)

    def _add_results(self, tensors: dict[str, TensorView]) -> None:
        """List what the ops of the graph have made, of a large one the loss and what the user has named.

        Statistics of large results come later.
        """
        large = len(self.graph.nodes) > 2 * MOST_RESULTS
        for number, node in enumerate(self.graph.nodes):
            if large and number != self.graph.root and not _is_named(node):
                continue
            if node.view is not None and node.kind != "leaf" and node.name != "constant":
                listed = tensors.setdefault(node.name, node.view)
                if listed is node.view and is_rough(listed) and not listed.freed:
                    self._unread.append((node.name, listed, self.drawn.results[number]))

    def rest(self, stop: Stop) -> Iterator[Statistics | None]:
        """The statistics that a stop went without, in pieces; None where there is nothing to send yet."""
        update = stop.phase == "update"
        late, pace = _Late(update=update), Pace(_BATCH)
        for complete in self._incomplete():
            with quiet():
                complete(late)
            if pace.is_due():
                told, late = late.told(stop), _Late(update=update)
                yield told
            else:
                yield None
        if late.tensors or late.gradients:
            yield late.told(stop)

    def _incomplete(self) -> Iterator[Callable[[_Late], None]]:
        """What may lack something."""
        for leaf in self._leaves:
            yield partial(self._complete, leaf)
        for unread in self._unread:
            yield partial(self._read, *unread)

    def _read(self, name: str, rough: TensorView, result: Result, late: _Late) -> None:
        """Compute the statistics of a result, if it is still there as it was."""
        tensor = result.ref()
        if tensor is not None and version_of(tensor) == result.version:
            late.tensors[name] = whole = view(tensor)
            same = {shown: shown.learn(name, rough, whole) for shown in (self._last, self._whole)}
            late.same += [name] * same[self._now]

    def _complete(self, leaf: Leaf, late: _Late) -> None:
        """Compute what a leaf's views lack."""
        self._state = None
        tensor, rough = leaf.tensor, leaf.view
        if tensor is not None and rough is not None and is_rough(rough):
            leaf.view = late.tensors[leaf.name] = whole = view(tensor)
            same = {shown: shown.learn(leaf.name, rough, whole) for shown in (self._last, self._whole)}
            late.same += [leaf.name] * (same[self._now] and not late.update)
        rough = leaf.now
        if tensor is not None and tensor.grad is not None and rough is not None and is_rough(rough):
            entry = self._ledger.gradient(leaf, view)
            if entry is None:
                return
            late.gradients[leaf.name] = entry
            same = {shown: shown.learn_gradient(leaf.name, rough, entry) for shown in (self._last, self._whole)}
            late.same += [of_gradient(leaf.name)] * same[self._now]

    def _of_leaves(self, eager: bool) -> tuple[dict[str, TensorView], dict[str, Gradient]]:
        """Views of the leaves, and their ledgers, as far as something has changed."""
        state = _State.of(self._leaves, self._ledger.changes)
        known = self._state if self._eager == eager else None
        if not state.has_weights_of(known) or any(leaf.view is None for leaf in self._leaves):
            self._views = self._leaf_views(view if eager else _QuickLook())
        if not state.has_grads_of(known):
            self._entries = self._ledgers(view if eager else _QuickLook())
        self._state, self._eager = state, eager
        return dict(self._views), self._entries

    def _leaf_views(self, look: Callable[[Tensor], TensorView]) -> dict[str, TensorView]:
        tensors: dict[str, TensorView] = {}
        for leaf in self._leaves:
            tensor = leaf.tensor
            if tensor is None or leaf.frozen:
                continue
            shown = leaf.view
            if shown is None or (look is view and is_rough(shown)) or _is_other(leaf, shown, tensor):
                shown, leaf.view_of = look(tensor), version_of(tensor)
                leaf.view = shown
            tensors[leaf.name] = shown
        return tensors

    def _ledgers(self, look: Callable[[Tensor], TensorView]) -> dict[str, Gradient]:
        entries = ((leaf.name, self._ledger.gradient(leaf, look)) for leaf in self._leaves)
        return {name: entry for name, entry in entries if entry is not None}


def _is_named(node: GraphNode) -> bool:
    """Whether the user has a name for a node's result: else it is that of the op, with a number."""
    return node.kind != "op" or node.name.rstrip("0123456789").rstrip("_") != plain(node.op)


def _is_other(leaf: Leaf, shown: TensorView, tensor: Tensor) -> bool:
    """Whether the tensor has been written to, or is elsewhere, since it was shown."""
    moved = shown.device != place_of(tensor.device) or shown.shape != tuple(shape_of(tensor))
    return moved or leaf.view_of != version_of(tensor)


def _spare_names(number: int) -> list[str]:
    """For a leaf that the program has no name for."""
    return [f"leaf_{number + extra}" for extra in range(10_000)]
