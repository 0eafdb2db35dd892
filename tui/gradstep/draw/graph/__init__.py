"""The drawing of a forward graph in character cells. Pure; no textual app.

`draw_graph(graph)` draws all of it; `folding`, a `View`, `show` and `draw_shown` what is open of a large one.
"""

from gradstep.draw.graph.at_stop import graph_at, touched_nodes
from gradstep.draw.graph.cut import LIMIT
from gradstep.draw.graph.draw import draw_graph, draw_shown
from gradstep.draw.graph.drawing import Drawing, Run, Structure
from gradstep.draw.graph.fold import Fold, Folding, folding
from gradstep.draw.graph.layout import Box, Size
from gradstep.draw.graph.shown import Shown, show
from gradstep.draw.graph.view import View

__all__ = [
    "LIMIT",
    "Box",
    "Drawing",
    "Fold",
    "Folding",
    "Run",
    "Shown",
    "Size",
    "Structure",
    "View",
    "draw_graph",
    "draw_shown",
    "folding",
    "graph_at",
    "show",
    "touched_nodes",
]
