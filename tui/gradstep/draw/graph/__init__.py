"""The drawing of a forward graph in character cells: `draw_graph(graph, touched) -> Drawing`. Pure; no textual app."""

from gradstep.draw.graph.at_stop import graph_at, touched_nodes
from gradstep.draw.graph.cut import LIMIT
from gradstep.draw.graph.drawing import Drawing, Run, Structure, draw_graph
from gradstep.draw.graph.layout import Box, Size

__all__ = [
    "LIMIT",
    "Box",
    "Drawing",
    "Run",
    "Size",
    "Structure",
    "draw_graph",
    "graph_at",
    "touched_nodes",
]
