"""The panes: a new one is its file and its line here. Workspace, keys and help are made of these lines; no textual.

One on the left or beside the graph needs a key, for it stands behind others; one at the right or below needs its rows
in the workspace's `rows_of`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Area = Literal["left", "side", "right", "below"]
"""Where on the screen: the graph's column, the column beside it, that of the numbers, or below all of them."""

_HERE = "gradstep.app.panes"


@dataclass(frozen=True)
class PaneSpec:
    """One pane. Their order is that of the tab key and of the help."""

    id: str
    """Its CSS id."""
    kind: str
    """Its class: module and name. What it takes of the screen besides the moment is its `BOUND`."""
    area: Area
    tab: int
    """Its rank among the tabs of a small screen."""
    key: str = ""
    """Key that brings it to the front."""
    name: str = ""
    """Of that key."""
    description: str = ""
    """One sentence."""
    short: str = ""
    """Its title where there is no room for the whole one."""

    @property
    def title(self) -> str:
        """What stands in its border."""
        return self.id.capitalize()


PANES = (
    PaneSpec("graph", f"{_HERE}.graph.pane:GraphPane", "left", 1, "g", "graph", "Show the graph."),
    PaneSpec("source", f"{_HERE}.source:SourcePane", "side", 7, "s", "source", "Show the source of the program."),
    PaneSpec("chain", f"{_HERE}.chain:ChainPane", "side", 6, "x", "chain rule",
             "Show how the chain rule makes the chosen box's gradient."),
    PaneSpec("console", f"{_HERE}.console:ConsolePane", "side", 8, "k", "console",
             "Show what the program prints, and answer its input()."),
    PaneSpec("loss", f"{_HERE}.loss:LossPane", "right", 2),
    PaneSpec("gradients", f"{_HERE}.gradients:GradientsPane", "right", 3, short="Grads"),
    PaneSpec("tensors", f"{_HERE}.tensors:TensorsPane", "right", 4),
    PaneSpec("why", f"{_HERE}.why:WhyPane", "below", 5, "y", "why",
             "Show all of what happened, what is wrong with it, and what to do."),
)  # fmt: skip
