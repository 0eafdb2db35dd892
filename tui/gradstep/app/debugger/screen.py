"""The debugger: one source of stops, its panes, and every key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

from gradstep.app.bindings import bindings
from gradstep.app.commands import COMMANDS, LOOKING_COMMANDS
from gradstep.app.conversation.conversation import Conversation
from gradstep.app.debugger.workspace import COLUMNS, Workspace, class_of, panes_in
from gradstep.app.dialogs.prompt import PromptScreen
from gradstep.app.inspector.screen import InspectorScreen
from gradstep.app.keyline import KeyLine
from gradstep.app.messages import EventsArrived, InputAnswered, TensorChosen, WorkDone
from gradstep.app.panes.console import ConsolePane
from gradstep.app.panes.graph.pane import GraphPane
from gradstep.app.panes.lines import HeaderLine, SummaryLine
from gradstep.app.panes.loss import LossPane
from gradstep.app.panes.rows import RowPane
from gradstep.app.panes.table import Area
from gradstep.app.runs.budget import Budget
from gradstep.app.runs.state import State
from gradstep.app.runs.words import where_words
from gradstep.draw.chain import subject
from gradstep.model.message import Fetched, FileText, Probe, Probed, Rate, Swap, Until
from gradstep.model.moment import NOTHING, Moment
from gradstep.model.place import Place
from gradstep.source import Source

_CHECKED = ("forward", "backward")
"""At the end of these phases a gradient can be checked."""


class DebuggerScreen(Screen[None]):
    """Forwards keys to the conversation with the program, and paints what it says."""

    BINDINGS: ClassVar[list[BindingType]] = bindings()
    palette = COMMANDS
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
    files: reactive[dict[str, FileText]] = reactive(dict[str, FileText])
    """The texts of the program's files, by path."""
    probed: reactive[Probed | None] = reactive(None)
    """The gradient by finite differences of the stop that is shown; None if there is none."""
    logarithmic: reactive[bool] = reactive(False)
    """The loss stands on a logarithmic axis."""
    path: reactive[str] = reactive("")
    """The program's file."""
    chosen: reactive[str] = reactive("")
    """Name of the tensor chosen in the graph."""
    pointed: reactive[Place] = reactive(Place())
    """The line that made the box that is selected in the graph."""

    def __init__(
        self, source: Source, lesson: bool = False, budget: Budget | None = None, until: Sequence[str] = ()
    ) -> None:
        """`until`: conditions at which it is to be stopped."""
        super().__init__()
        self.source = source
        self.lesson = lesson
        """Leaving goes back to the lessons."""
        self.conversation = Conversation(source, self, budget, until)
        self._inspector: InspectorScreen | None = None
        self._prompt: PromptScreen | None = None
        self._sought = ""
        self.set_reactive(DebuggerScreen.state, self.conversation.link.state)
        self.set_reactive(DebuggerScreen.path, source.path)

    def compose(self) -> ComposeResult:
        """Header, panes, footer."""
        yield HeaderLine().data_bind(DebuggerScreen.moment, DebuggerScreen.state)
        with Workspace():
            with Horizontal(id="areas"):
                for area in COLUMNS:
                    with Vertical(id=area):
                        yield from self._panes(area)
            yield from self._panes("below")
            yield SummaryLine().data_bind(DebuggerScreen.moment)
        yield KeyLine(COMMANDS if self.source.live else LOOKING_COMMANDS)

    @staticmethod
    def _panes(area: Area) -> Iterator[Widget]:
        """The panes of an area, each bound to what it shows."""
        for pane in panes_in(area):
            kind = class_of(pane)
            bound = [getattr(DebuggerScreen, name) for name in ("moment", *kind.BOUND)]
            yield kind(id=pane.id).data_bind(*bound)

    def on_mount(self) -> None:
        """Start the program once the screen has been painted."""
        put = self.conversation.link.inbox.put
        self.call_after_refresh(self._in_thread, lambda: self.source.start(put))

    async def on_unmount(self) -> None:
        """Leave no process behind."""
        self.conversation.link.inbox.close()
        await asyncio.to_thread(self.source.close)

    @property
    def _graph(self) -> GraphPane:
        return self.query_one(GraphPane)

    def _in_thread(self, work: Callable[[], None]) -> None:
        """Run what may wait for a process beside the screen."""
        self.run_worker(work, thread=True, group="source")

    def _hint(self, text: str) -> None:
        """An answer to the last key."""
        self.conversation.link.set(hint=text)

    # What the conversation asks for

    @property
    def prompting(self) -> bool:
        """Whether the prompt is open."""
        return self._prompt is not None

    def announce(self) -> None:
        """There are events."""
        self.post_message(EventsArrived())

    def state_changed(self, state: State) -> None:
        """Show what the program is doing."""
        self.state = state
        if self._prompt is not None and self._prompt.is_mounted:
            self._prompt.follow(state)

    def files_changed(self, files: dict[str, FileText]) -> None:
        """Show the program's text."""
        self.files = files

    def paint(self) -> None:
        """Give the moment that is looked at to the panes."""
        self.moment = moment = self.conversation.moment
        self.probed = self.conversation.probed
        self.query_one(Workspace).make_room(moment)
        self.printed()
        self._tell_inspector()

    def printed(self) -> None:
        """Show what the program has printed."""
        self.query_one(ConsolePane).show(self.conversation.link.runs.shown.terminal, self.moment.printed)

    def fetched(self, answer: Fetched) -> None:
        """An answer about a tensor."""
        if self._inspector is not None:
            self._inspector.take(answer)

    def evaluated(self, asked: str, text: str, error: bool) -> None:
        """What the prompt's line has given."""
        if self._prompt is not None:
            self._prompt.tell(asked, text, error)

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        """Call that after some time."""
        self.set_timer(seconds, do)

    def beside(self, work: Callable[[], None], then: Callable[[], None]) -> None:
        """Do work in a thread, and then the other thing in this one."""

        def both() -> None:
            work()
            self.post_message(WorkDone(then))

        self._in_thread(both)

    # What the panes and the source tell

    def on_events_arrived(self) -> None:
        """Take all that has come."""
        self.conversation.hear()

    def on_work_done(self, message: WorkDone) -> None:
        """Go on."""
        message.then()

    def on_input_answered(self, message: InputAnswered) -> None:
        """Pass it to the program's input()."""
        self.conversation.answer(message.text)

    def on_graph_pane_node_selected(self, message: GraphPane.NodeSelected) -> None:
        """Show how its gradient is made, and say where the box was."""
        self.chosen = message.name
        if message.line:
            self.pointed = Place(message.file, message.line)
            self._hint(f"{message.name}: line {message.line}")

    def on_graph_pane_answered(self, message: GraphPane.Answered) -> None:
        """Say what the graph says."""
        self._hint(message.text)

    def on_loss_pane_point_chosen(self, message: LossPane.PointChosen) -> None:
        """Go to the stop that computed a loss."""
        self.conversation.travel.to(message.index)

    def on_tensor_chosen(self, message: TensorChosen) -> None:
        """Look into a tensor."""
        self._hint("")
        self._inspector = InspectorScreen(message.name, message.node, self.conversation.link.ask, self.action_go)
        self._tell_inspector()
        self.app.push_screen(self._inspector, self._inspector_closed)

    def watch_state(self, state: State) -> None:
        """The inspector says so, too; at a new stop only together with it."""
        if state.mode != "waiting":
            self._tell_inspector()

    def _tell_inspector(self) -> None:
        if self._inspector is not None:
            self._inspector.follow(self.moment, self.state)

    def _inspector_closed(self, _nothing: None) -> None:
        self._inspector = None

    # Keys: the program

    def action_go(self, until: Until) -> None:
        """Let the program run, or go forward through history."""
        self.conversation.go(until)

    def action_conditions(self) -> None:
        """List what c stops at."""
        from gradstep.app.dialogs.conditions import ConditionsScreen

        waits = self.conversation.waits
        self.app.push_screen(ConditionsScreen(waits), lambda _nothing: waits.keep())

    def action_back_to_condition(self) -> None:
        """To the stop before at which a condition was met."""
        self.conversation.back_to_condition()

    def action_look_again(self) -> None:
        """Look at a stop that the program ran past."""
        self.conversation.look_again()

    def action_pause(self) -> None:
        """Show all of the graph again; else stop what runs, come back from the past, or leave a lesson."""
        if self.focused is self._graph and self._graph.widen():
            return
        if self.lesson and self.conversation.idle:
            self.action_leave()
        else:
            self.conversation.pause()

    def action_clear(self) -> None:
        """Clear gradients after each update, or stop doing so."""
        self.conversation.clear()

    def action_rate(self, factor: float) -> None:
        """Multiply the learning rate."""
        self.conversation.edit(Rate(factor))

    def action_swap(self) -> None:
        """Take the fresh step alone."""
        self.conversation.edit(Swap())

    def action_worlds(self) -> None:
        """The same program with gradients cleared, or not."""
        self.conversation.worlds()

    def action_restart(self) -> None:
        """Run again with the same seed."""
        self.conversation.restart()

    def action_device(self) -> None:
        """Choose a device and run again on it."""
        from gradstep.app.dialogs.devices import DeviceScreen

        def use(device: str | None) -> None:
            if device is not None:
                self.conversation.use(device)

        devices = self.conversation.device()
        if devices is not None:
            self.app.push_screen(DeviceScreen(*devices), use)

    def action_prompt(self) -> None:
        """Ask for Python."""
        talk = self.conversation
        if talk.can_prompt():
            where = where_words(self.moment.stop.frame, self.state.title)
            self._prompt = PromptScreen(where, talk.edits.typed, talk.run_typed, talk.edits.interrupt)
            self.app.push_screen(self._prompt, self._prompt_closed)

    def _prompt_closed(self, _nothing: None) -> None:
        self._prompt = None

    def action_probe(self) -> None:
        """Check a gradient by finite differences, as the program waits."""
        talk, stop, node = self.conversation, self.moment.stop, subject(self.moment, self.chosen)
        if talk.link.is_recorded():
            return
        newest = stop is talk.link.history.last
        if self.state.mode != "waiting" or node is None or not newest or stop.ran not in _CHECKED:
            self._hint("gradients are checked at the newest forward or backward stop, while the program waits there")
            return
        self.action_show("chain")
        talk.probe(Probe(stop.index, node.name, node.id if node.kind == "op" else -1))

    # Keys: time

    def action_travel(self, step: int) -> None:
        """To an earlier or a later stop."""
        self.conversation.travel.by(step)

    def action_edge(self, where: Literal["first", "last"]) -> None:
        """To the first stop that is kept, or to the newest."""
        travel = self.conversation.travel
        if where == "first":
            travel.to_first()
        else:
            travel.to_last()

    def action_jump(self) -> None:
        """Ask for the number of a stop."""
        from gradstep.app.dialogs.jump import JumpScreen

        def jump(index: int | None) -> None:
            if index is not None:
                self.conversation.travel.to(index)

        history = self.conversation.link.runs.shown.history
        if history:
            self.app.push_screen(JumpScreen(history.first.index, history.last.index), jump)

    def action_runs(self) -> None:
        """List the runs."""
        from gradstep.app.dialogs.runs import RunsScreen

        travel = self.conversation.travel
        self.app.push_screen(RunsScreen(self.conversation.link.runs, travel.look), travel.show)

    def action_mark(self) -> None:
        """Remember this stop, to compare others with it."""
        self.conversation.travel.mark()

    def action_compare(self) -> None:
        """Two stops side by side."""
        from gradstep.app.dialogs.compare import CompareScreen

        runs = self.conversation.link.runs
        if CompareScreen.others(runs):
            self.app.push_screen(CompareScreen(runs))
        else:
            self._hint("there is nothing to compare with: * marks a stop, w or an edit in the past makes a second run")

    # Keys: what is looked at

    def action_inspect(self) -> None:
        """Look into the tensor that the pane with the keys has chosen."""
        pane = self.focused
        if isinstance(pane, RowPane):
            pane.action_inspect_row()
        elif isinstance(pane, GraphPane):
            pane.action_inspect_box()
        else:
            self._hint("choose a tensor in Graph, Gradients or Tensors first")

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
        """Ask for a name; where a table has the keys, for those of its rows."""
        from gradstep.app.dialogs.find import FindScreen

        pane = self.focused
        if isinstance(pane, RowPane):
            title = str(pane.id).capitalize()
            self.app.push_screen(FindScreen(pane.count, pane.pattern, title), pane.keep)
            return

        def go(pattern: str | None) -> None:
            if pattern is not None:
                self._sought = pattern
                self._graph.search(pattern)

        self.action_show("graph")
        self.app.push_screen(FindScreen(self._graph.count, self._sought), go)

    def action_sort(self) -> None:
        """By norm, or in the model's order."""
        pane = self.focused
        if isinstance(pane, RowPane):
            pane.sort()
        else:
            self._hint("go to Gradients or Tensors first")

    def action_match(self, step: int) -> None:
        """Another match."""
        self._graph.next_match(step)

    def action_show(self, pane: str) -> None:
        """Bring a pane to the front."""
        self.query_one(Workspace).show(pane)
        if pane == "console" and self.state.asking:
            self.query_one(ConsolePane).action_answer()

    def action_pane(self, step: int) -> None:
        """Go to the next pane."""
        self.query_one(Workspace).next(step)

    def action_log(self) -> None:
        """Change the axis of the loss."""
        self.logarithmic = not self.logarithmic

    def action_help(self) -> None:
        """Show keys, panes and words."""
        from gradstep.app.dialogs.help import HelpScreen

        self.app.push_screen(HelpScreen())

    def action_leave(self) -> None:
        """Back to the lessons, or out."""
        if self.lesson:
            self.app.pop_screen()
        else:
            self.app.exit()
