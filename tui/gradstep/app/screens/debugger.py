"""The debugger: one source of stops, its panes, and every key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ClassVar

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.reactive import reactive
from textual.screen import Screen

from gradstep.app.commands import COMMANDS, bindings
from gradstep.app.history import History
from gradstep.app.inbox import Inbox
from gradstep.app.messages import EventsArrived, InputAnswered, SourceRestarted, TensorChosen
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
from gradstep.app.screens.workspace import Workspace
from gradstep.app.state import State
from gradstep.model.message import (
    Asked,
    Clear,
    Event,
    Exited,
    Fetched,
    Go,
    Notice,
    Output,
    Ready,
    Refused,
    Statistics,
    Stopped,
    Until,
)
from gradstep.model.moment import NOTHING, Moment
from gradstep.model.place import Place
from gradstep.source import Source

PATIENCE = 0.5
"""Seconds to wait for the end of a phase before the program is paused where it is."""

STEPS = {command.action[4:-2]: command.name for command in COMMANDS if command.action.startswith("go(")}
"""What a step runs to -> its name."""

PAINT_EVERY = 1 / 12
"""Seconds between two paintings while the program runs on."""


class DebuggerScreen(Screen[None]):
    """Owns the moment and the state; panes are bound to them, and what they say is answered here."""

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

    moment: reactive[Moment] = reactive(NOTHING, always_update=True)
    """What all panes show."""
    state: reactive[State] = reactive(State())
    """What the program is doing."""
    logarithmic: reactive[bool] = reactive(False)
    """The loss stands on a logarithmic axis."""
    path: reactive[str] = reactive("")
    """The program's file."""

    chosen: reactive[str] = reactive("")
    """Name of the tensor chosen in the graph."""
    pointed: reactive[Place] = reactive(Place())
    """The line that made the box that is selected in the graph."""

    def __init__(self, source: Source, lesson: bool = False) -> None:
        super().__init__()
        self.source = source
        self.lesson = lesson
        """Leaving goes back to the lessons."""
        self.history = History()
        self._inbox = Inbox(lambda: self.post_message(EventsArrived()))
        self._restarting = False
        self._painting = False
        self._until: Until = "phase"
        self._queued: Until | None = None
        self._inspector: InspectorScreen | None = None
        self._sought = ""
        self.set_reactive(DebuggerScreen.path, source.path)
        self.set_reactive(DebuggerScreen.state, State(title=source.title))

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
                    yield ChainPane(id="chain").data_bind(moment, bound.chosen)
                    yield ConsolePane(id="console").data_bind(moment, bound.state)
                with Vertical(id="right"):
                    yield LossPane(id="loss").data_bind(moment, bound.logarithmic)
                    yield GradientsPane(id="gradients").data_bind(moment)
                    yield TensorsPane(id="tensors").data_bind(moment)
            yield WhyPane(id="why").data_bind(moment)
            yield SummaryLine().data_bind(moment)
        yield KeyLine()

    def on_mount(self) -> None:
        """Start the program once the screen has been painted."""
        self.call_after_refresh(self._in_thread, lambda: self.source.start(self._inbox.put))

    async def on_unmount(self) -> None:
        """Leave no process behind."""
        await asyncio.to_thread(self.source.close)

    # What the source tells

    def on_events_arrived(self) -> None:
        """Take all that has come; paint at once where the program waits, else now and then."""
        events = self._inbox.take()
        for event in events:
            self._take(event)
        if self.state.mode in ("waiting", "ended"):
            self._paint()
            self._go_on()
        elif events and not self._painting:
            self._painting = True
            self.set_timer(PAINT_EVERY, self._paint)

    def on_source_restarted(self) -> None:
        """Hear everything again."""
        self._restarting = False

    def _take(self, event: Event) -> None:
        """Take one event into the history and the state."""
        if self._restarting and not isinstance(event, Ready | Refused):
            return
        match event:
            case Ready():
                self._begin(event)
            case Stopped(stop, waiting):
                self.history.add(stop)
                if waiting:
                    self._set(mode="waiting", asking=False)
                elif self.state.asking:
                    self._set(asking=False)
            case Asked():
                self._set(asking=True)
            case Statistics():
                self.history.complete(event)
            case Fetched() if self._inspector is not None:
                self._inspector.take(event)
            case Output(text, error):
                self._printed.write(text, error)
            case Notice(text):
                self._printed.write(f"gradstep: {text}\n", True)
                self._set(hint=text)
            case Refused(text):
                self._restarting = False
                self.history.refuse(text)
                self._set(mode="ended", ended="not started")
            case Exited(code, signal):
                self.history.cut_off(event)
                self._queued = None
                self._set(mode="ended", ended=signal or f"exit code {code}", asking=False, queued="")

    def _begin(self, ready: Ready) -> None:
        """A new run."""
        self._restarting = False
        self.history = History()
        self._set(mode="running", ended="", seed=ready.seed, devices=ready.devices)
        if self.state.clearing:
            self.source.send(Clear(True))

    def _paint(self) -> None:
        """Give the newest moment to the panes."""
        self._painting = False
        self.moment = self.history.moment()
        self._printed.show()
        self._tell_inspector()

    def _set(self, *, hint: str = "", **changes: object) -> None:
        """Change the state; the hint of the key before is gone."""
        self.state = replace(self.state, hint=hint, **changes)

    @property
    def _printed(self) -> ConsolePane:
        return self.query_one(ConsolePane)

    @property
    def _graph(self) -> GraphPane:
        return self.query_one(GraphPane)

    # What the panes tell

    def on_input_answered(self, message: InputAnswered) -> None:
        """Pass it to the program's input()."""
        self.source.answer(f"{message.text}\n")
        self._set(asking=False)

    def on_graph_pane_node_selected(self, message: GraphPane.NodeSelected) -> None:
        """Show how its gradient is made, and say where the box was."""
        self.chosen = message.name
        if message.line:
            self.pointed = Place(message.file, message.line)
            self._set(hint=f"{message.name}: line {message.line}")

    def on_tensor_chosen(self, message: TensorChosen) -> None:
        """Look into a tensor."""
        self._set()
        self._inspector = InspectorScreen(message.name, message.node, self.source.send, self.action_go)
        self._tell_inspector()
        self.app.push_screen(self._inspector, self._inspector_closed)

    def watch_state(self, state: State) -> None:
        """The inspector says so, too; at a new stop only together with it."""
        if state.mode != "waiting":
            self._tell_inspector()

    def _inspector_closed(self, _nothing: None) -> None:
        self._inspector = None

    def _tell_inspector(self) -> None:
        if self._inspector is not None:
            self._inspector.follow(self.moment, self.state)

    def on_graph_pane_answered(self, message: GraphPane.Answered) -> None:
        """Say what the graph says."""
        self._set(hint=message.text)

    # What the user does

    def action_go(self, until: Until) -> None:
        """Let the program run if it waits; until it does one step is kept, the last that was asked for."""
        mode = self.state.mode
        if mode == "waiting":
            self._until, self._queued = until, None
            self._set(mode="running", queued="")
            self.source.send(Go(until))
        elif mode == "importing" or (mode == "running" and self._until != "end" and not self.state.asking):
            self._queued = until
            self._set(queued=STEPS[until])
        else:
            self._set(hint=self._why_not())

    def _go_on(self) -> None:
        """Take the step that was asked for while the one before was under way."""
        if self._queued is not None and self.state.mode == "waiting":
            self.action_go(self._queued)

    def _why_not(self) -> str:
        """Why no step begins now."""
        if self.state.asking:
            return "it waits for a line on its standard input"
        hints = {"ended": "the program has ended: r restarts", "running": "it runs to its end: esc pauses"}
        return hints.get(self.state.mode, "pausing: one moment")

    def action_pause(self) -> None:
        """Show all of the graph again; else stop a running program, or leave a lesson that does not run."""
        if self.focused is self._graph and self._graph.widen():
            return
        if self.state.mode in ("running", "pausing"):
            self._queued = None
            self._set(mode="pausing", queued="", hint="pausing at the next phase, or where it is")
            self.source.pause()
            self.set_timer(PATIENCE, self._pause_here)
        elif self.lesson:
            self.action_leave()

    def _pause_here(self) -> None:
        """No phase has ended meanwhile: stop the program in the middle of what it does."""
        if self.state.mode == "pausing":
            self.source.pause()

    def action_clear(self) -> None:
        """Clear gradients after each update, or stop doing so."""
        clearing = not self.state.clearing
        self._set(clearing=clearing, hint="gradients are cleared after each update" if clearing else "gradients stay")
        self.source.send(Clear(clearing))

    def action_restart(self) -> None:
        """Run again with the same seed."""
        if self._restarting:
            self._set(hint="it is starting: one moment")
        else:
            self._restart(None)

    def action_device(self) -> None:
        """Choose a device and run again on it."""
        from gradstep.app.screens.devices import DeviceScreen

        if not self.state.devices:
            self._set(hint="the devices are known once torch is imported")
            return
        current = self.state.device or next(iter(self._current_devices()), "")
        self.app.push_screen(DeviceScreen(self.state.devices, current), self._device_chosen)

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

    def _device_chosen(self, device: str | None) -> None:
        if device is not None:
            self._set(device=device)
            self._restart(device)

    def _current_devices(self) -> list[str]:
        return sorted({view.device for view in self.moment.stop.tensors.values() if view.device})

    def _restart(self, device: str | None) -> None:
        """Forget the run and begin another; what the old one still says is not heard."""
        self._restarting = True
        self._inbox.take()
        self.history = History()
        self._printed.clear()
        self._until, self._queued = "phase", None
        self._set(mode="importing", ended="", asking=False, queued="")
        self._paint()

        def restart() -> None:
            self.source.restart(device)
            self.post_message(SourceRestarted())

        self._in_thread(restart)

    def _in_thread(self, work: Callable[[], None]) -> None:
        """Run what may wait for a process beside the screen."""
        self.run_worker(work, thread=True, group="source")
