"""Fills a stop with what can be seen at it: names, leaves, results, gradients, and what of it changed."""

from __future__ import annotations

from types import FrameType

from msgspec.structs import replace
from torch import Tensor

from gradstep.model.graph import Graph, GraphNode
from gradstep.model.stop import Gradient, Stop
from gradstep.model.tensor import TensorView
from gradstep.program.watch.leaves import Leaf, Leaves
from gradstep.program.watch.ledger import Ledger
from gradstep.program.watch.names import Scope
from gradstep.program.watch.views import view

MOST_RESULTS = 200
"""A graph of more ops is drawn, but its results are not listed one by one."""


class Describer:
    """Knows the stop before, so that it can say what changed."""

    def __init__(self, leaves: Leaves, ledger: Ledger) -> None:
        self._leaves = leaves
        self._ledger = ledger
        self._shown: dict[str, TensorView] = {}
        self._gradients: dict[str, Gradient] = {}
        self.graph = Graph()
        self._new_graph = False

    def look(self, frame: FrameType | None) -> Scope:
        """Find what the program can name now, and give the leaves their names."""
        scope = Scope(frame)
        for tensor in scope.parameters.values():
            if tensor.requires_grad:
                self._leaves.add(tensor)
        taken: set[str] = set()
        leaves = list(self._leaves)
        for leaf in leaves:
            leaf.name = self._keep_or_find(leaf, scope)
            taken.add(leaf.name)
        for number, leaf in enumerate(leaves, 1):
            if not leaf.name:
                leaf.name = next(name for name in _spare_names(number) if name not in taken)
                taken.add(leaf.name)
        return scope

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

    def use(self, graph: Graph) -> None:
        """Show that graph from now on."""
        self.graph = graph
        self._new_graph = True

    def with_gradients(self, gradients: dict[int, TensorView]) -> None:
        """Put gradients on the graph's boxes: those given by node, and the leaves' own."""
        by_name = {leaf.name: leaf for leaf in self._leaves}

        def filled(node: GraphNode) -> GraphNode:
            if node.kind == "leaf" and node.name in by_name:
                ledger = self._ledger.gradient(by_name[node.name])
                return replace(node, gradient=(ledger.returned or ledger.now) if ledger else None)
            return replace(node, gradient=gradients[node.id]) if node.id in gradients else node

        self.graph = replace(self.graph, nodes=tuple(filled(node) for node in self.graph.nodes))

    def fill(self, stop: Stop, moved: list[Leaf] | None = None) -> Stop:
        """The stop with everything in it. `moved`: the leaves whose content changed; the others' views are reused."""
        tensors, leaves = self._leaf_views(moved)
        if self._new_graph and len(self.graph.nodes) <= 2 * MOST_RESULTS:
            for node in self.graph.nodes:
                if node.view is not None and node.kind != "leaf" and node.name != "constant":
                    tensors.setdefault(node.name, node.view)
        self._new_graph = False
        gradients = {}
        for leaf in self._leaves:
            gradient = self._ledger.gradient(leaf)
            if gradient is not None:
                gradients[leaf.name] = gradient
        changed = [name for name, shown in tensors.items() if self._shown.get(name) != shown]
        known = dict.fromkeys((*gradients, *self._gradients))
        changed += [f"{name}.grad" for name in known if self._turned(name, gradients)]
        self._shown = {**self._shown, **tensors}
        self._gradients = gradients
        return replace(
            stop,
            tensors=tensors,
            leaves=leaves,
            gradients=gradients,
            graph=self.graph,
            changed=tuple(changed),
        )

    def _turned(self, name: str, gradients: dict[str, Gradient]) -> bool:
        new, old = gradients.get(name), self._gradients.get(name)
        if new is None or old is None:
            return (new or old) is not None and ((new or old).now or (new or old).returned) is not None  # type: ignore[union-attr]
        return new.now != old.now or new.returned != old.returned

    def _leaf_views(self, moved: list[Leaf] | None) -> tuple[dict[str, TensorView], tuple[str, ...]]:
        tensors: dict[str, TensorView] = {}
        for leaf in self._leaves:
            tensor = leaf.tensor
            if tensor is None:
                continue
            if leaf.view is None or moved is None or leaf in moved or _moved_house(leaf.view, tensor):
                leaf.view = view(tensor)
            tensors[leaf.name] = leaf.view
        return tensors, tuple(tensors)


def _moved_house(shown: TensorView, tensor: Tensor) -> bool:
    return shown.device != str(tensor.device) or shown.shape != tuple(tensor.shape)


def _spare_names(number: int) -> list[str]:
    """For a leaf that the program has no name for."""
    return [f"leaf_{number + extra}" for extra in range(10_000)]
