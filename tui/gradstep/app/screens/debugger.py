"""The debugger: one source of stops, its panes, and every key."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.reactive import reactive

from gradstep.app.budget import Budget
from gradstep.app.commands import bindings
from gradstep.app.messages import TensorChosen
from gradstep.app.panes.chain import ChainPane
from gradstep.app.panes.console import ConsolePane
from gradstep.app.panes.gradients import GradientsPane
from gradstep.app.panes.graph import GraphPane
from gradstep.app.panes.lines import HeaderLine, KeyLine, SummaryLine
from gradstep.app.panes.loss import LossPane
from gradstep.app.panes.rows import RowPane
from gradstep.app.panes.source import SourcePane
from gradstep.app.panes.tensors import TensorsPane
from gradstep.app.panes.why import WhyPane
from gradstep.app.screens.inspector import InspectorScreen
from gradstep.app.screens.travelling import TravellingScreen
from gradstep.app.screens.workspace import Workspace
from gradstep.app.state import State
from gradstep.draw.chain import subject
from gradstep.model.message import Probe
from gradstep.model.place import Place
from gradstep.source import Source

_CHECKED = ("forward", "backward")
"""At the end of these phases a gradient can be checked."""


class DebuggerScreen(TravellingScreen):
    """The panes, bound to the moment and the state; what they say is answered here."""

    BINDINGS: ClassVar[list[BindingType]] = bindings()
    AUTO_FOCUS = "#graph"
    DEFAULT_CSS = """
    DebuggerScreen {
        background: $background;
        GraphPane {
            scrollbar-color: $foreground 20%;
            scrollbar-background: $background;
            &:blur { border: round $foreground 25%; }
        }
    }
    """

    logarithmic: reactive[bool] = reactive(False)
    """The loss stands on a logarithmic axis."""
    path: reactive[str] = reactive("")
    """The program's file."""

    chosen: reactive[str] = reactive("")
    """Name of the tensor chosen in the graph."""
    pointed: reactive[Place] = reactive(Place())
    """The line that made the box that is selected in the graph."""

    def __init__(self, source: Source, lesson: bool = False, budget: Budget | None = None) -> None:
        super().__init__(source, budget)
        self.lesson = lesson
        """Leaving goes back to the lessons."""
        self._sought = ""
        self.set_reactive(DebuggerScreen.path, source.path)

    def compose(self) -> ComposeResult:
        """Header, panes, footer."""
        bound, moment = DebuggerScreen, DebuggerScreen.moment
        yield HeaderLine().data_bind(moment, bound.state)
        with Workspace():
            with Horizontal(id="areas"):
                with Vertical(id="left"):
                    yield GraphPane(id="graph").data_bind(moment)
                with Vertical(id="side"):
                    yield SourcePane(id="source").data_bind(moment, bound.path, bound.pointed)
                    yield ChainPane(id="chain").data_bind(moment, bound.chosen, bound.probed)
                    yield ConsolePane(id="console").data_bind(moment, bound.state)
                with Vertical(id="right"):
                    yield LossPane(id="loss").data_bind(moment, bound.logarithmic)
                    yield GradientsPane(id="gradients").data_bind(moment)
                    yield TensorsPane(id="tensors").data_bind(moment)
            yield WhyPane(id="why").data_bind(moment)
            yield SummaryLine().data_bind(moment)
        yield KeyLine()

    @property
    def _graph(self) -> GraphPane:
        return self.query_one(GraphPane)

    # What the panes tell

    def on_graph_pane_node_selected(self, message: GraphPane.NodeSelected) -> None:
        """Show how its gradient is made, and say where the box was."""
        self.chosen = message.name
        if message.line:
            self.pointed = Place(message.file, message.line)
            self._set(hint=f"{message.name}: line {message.line}")

    def on_tensor_chosen(self, message: TensorChosen) -> None:
        """Look into a tensor."""
        self._set()
        self._inspector = InspectorScreen(message.name, message.node, self.ask, self.action_go)
        self._tell_inspector()
        self.app.push_screen(self._inspector, self._inspector_closed)

    def watch_state(self, state: State) -> None:
        """The inspector says so, too; at a new stop only together with it."""
        if state.mode != "waiting":
            self._tell_inspector()

    def _inspector_closed(self, _nothing: None) -> None:
        self._inspector = None

    def on_graph_pane_answered(self, message: GraphPane.Answered) -> None:
        """Say what the graph says."""
        self._set(hint=message.text)

    # What the user does

    def action_pause(self) -> None:
        """Show all of the graph again; else stop what runs, come back from the past, or leave a lesson."""
        if self.focused is self._graph and self._graph.widen():
            return
        idle = self.state.mode not in ("running", "pausing") and not self.runs.past and not self.state.again
        if self.lesson and idle and not self.state.editing:
            self.action_leave()
        else:
            super().action_pause()

    def action_probe(self) -> None:
        """Check a gradient by finite differences, as the program waits."""
        node = subject(self.moment, self.chosen)
        newest = self.moment.stop is self.runs.live.history.last
        if self.state.mode != "waiting" or node is None or not newest or self.moment.stop.ran not in _CHECKED:
            self._set(hint="a gradient is checked while the program waits at a forward or backward stop")
            return
        self.action_show("chain")
        self.asked = Probe(self.moment.stop.index, node.name, node.id if node.kind == "op" else -1)
        self.ask(self.asked)

    def action_inspect(self) -> None:
        """Look into the tensor that the pane with the keys has chosen."""
        pane = self.focused
        if isinstance(pane, RowPane):
            pane.action_inspect_row()
        elif isinstance(pane, GraphPane):
            pane.action_inspect_box()
        else:
            self._set(hint="choose a tensor in Graph, Gradients or Tensors first")

    def action_fold(self) -> None:
        """Close what is around it."""
        self._graph.fold()

    def action_level(self) -> None:
        """Modules or operations."""
        self._graph.level()

    def action_near(self) -> None:
        """Neighbours alone."""
        self._graph.near()

    def action_find(self) -> None:
        """Ask for a name."""
        from gradstep.app.screens.find import FindScreen

        def go(pattern: str | None) -> None:
            if pattern is not None:
                self._sought = pattern
                self._graph.search(pattern)

        self.action_show("graph")
        self.app.push_screen(FindScreen(self._graph.count, self._sought), go)

    def action_match(self, step: int) -> None:
        """Another match."""
        self._graph.next_match(step)

    def action_show(self, pane: str) -> None:
        """Bring a pane to the front."""
        self.query_one(Workspace).show(pane)
        if pane == "console" and self.state.asking:
            self._printed.action_answer()

    def action_pane(self, step: int) -> None:
        """Go to the next pane."""
        self.query_one(Workspace).next(step)

    def action_log(self) -> None:
        """Change the axis of the loss."""
        self.logarithmic = not self.logarithmic

    def action_help(self) -> None:
        """Show keys, panes and words."""
        from gradstep.app.screens.help import HelpScreen

        self.app.push_screen(HelpScreen())

    def action_leave(self) -> None:
        """Back to the lessons, or out."""
        if self.lesson:
            self.app.pop_screen()
        else:
            self.app.exit()
