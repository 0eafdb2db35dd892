"""What came late of a graph, shared by all stops that show it: it is large, and sent to one of them."""

from __future__ import annotations

from msgspec.structs import replace

from gradstep.model.autograd import Autograd
from gradstep.model.graph import Earlier, Graph
from gradstep.model.stop import Stop


class Sharing:
    """Knows the latest graph of which something has come late, and gives it to stops with the same graph."""

    def __init__(self) -> None:
        self._graph = Graph()
        self._earlier = Earlier()
        self._autograd = Autograd()

    def fill(self, stop: Stop) -> Stop:
        """The stop with what is known of its graph from another one."""
        graph, known = stop.graph, self._graph
        if not graph.number or graph.number != known.number or graph.edges != known.edges:
            return stop
        earlier = known.earlier if graph.awaited and not known.awaited else graph.earlier
        autograd = known.autograd if known.autograd.whole and not graph.autograd.whole else graph.autograd
        if earlier is graph.earlier and autograd is graph.autograd:
            return stop
        return replace(stop, graph=replace(graph, earlier=earlier, autograd=autograd))

    def take(self, stop: Stop) -> Stop:
        """Remember what the stop knows of its graph; as one object with what was the same in the iteration before."""
        graph = stop.graph
        has_ops, has_nodes = graph.omitted > 0 and not graph.awaited, graph.autograd.whole
        if not has_ops and not has_nodes:
            return stop
        if has_ops:
            self._earlier = self._earlier if self._earlier == graph.earlier else graph.earlier
            graph = replace(graph, earlier=self._earlier)
        if has_nodes:
            self._autograd = self._autograd if self._autograd == graph.autograd else graph.autograd
            graph = replace(graph, autograd=self._autograd)
        self._graph = graph
        return replace(stop, graph=graph)
