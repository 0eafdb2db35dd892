"""The conversation with a program, without a screen: what the user wants goes in, commands and a new state come out."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from gradstep.app.conversation.conversation import AGAIN, Conversation
from gradstep.app.conversation.link import RECORDED, STARTING
from gradstep.app.conversation.steps import PATIENCE
from gradstep.app.runs.budget import Budget
from gradstep.app.runs.state import State
from gradstep.model.message import (
    Asked,
    Clear,
    Event,
    Exited,
    Fetch,
    Fetched,
    FileText,
    Go,
    Notice,
    Output,
    Probe,
    Rate,
    Refused,
    Stopped,
)
from hand import FILE, HandSource, Recording, encoded, seed_run
from simulated import SimulatedSource


class Screen:
    """A host that keeps what it was told; time passes and threads end when the test says so."""

    def __init__(self) -> None:
        self.states: list[State] = []
        self.paintings = 0
        self.announced = 0
        self.prompting = False
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.answers: list[Fetched] = []
        self.given: list[tuple[str, str, bool]] = []
        self.files: dict[str, FileText] = {}

    def announce(self) -> None:
        self.announced += 1

    def state_changed(self, state: State) -> None:
        self.states.append(state)

    def files_changed(self, files: dict[str, FileText]) -> None:
        self.files = files

    def paint(self) -> None:
        self.paintings += 1

    def printed(self) -> None:
        pass

    def fetched(self, answer: Fetched) -> None:
        self.answers.append(answer)

    def evaluated(self, asked: str, text: str, error: bool) -> None:
        self.given.append((asked, text, error))

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        self.timers.append((seconds, do))

    def beside(self, work: Callable[[], None], then: Callable[[], None]) -> None:
        work()
        then()


class Talk:
    """A conversation with a source made by hand."""

    def __init__(self, source: HandSource) -> None:
        self.source, self.screen = source, Screen()
        self.conversation = Conversation(source, self.screen, Budget())
        source.start(self.conversation.link.inbox.put)
        self.conversation.hear()

    @property
    def state(self) -> State:
        return self.conversation.link.state

    @property
    def index(self) -> int:
        return self.conversation.link.runs.index

    def go(self, times: int = 1) -> None:
        for _ in range(times):
            self.conversation.go("phase")
            self.conversation.hear()

    def tell(self, *events: Event) -> None:
        self.source.emit(*events)
        self.conversation.hear()


def test_a_step_is_a_command_and_its_stop_a_new_moment() -> None:
    talk = Talk(HandSource(seed_run()))
    assert (talk.state.mode, talk.index, talk.screen.paintings) == ("waiting", 0, 1)
    talk.go()
    assert talk.source.sent == [Go("phase")]
    assert (talk.state.mode, talk.index) == ("waiting", 1)
    assert talk.conversation.moment.stop.loss is not None


def test_one_step_is_kept_while_the_program_runs() -> None:
    talk = Talk(HandSource(seed_run()))
    talk.source.holding = True
    for until in ("forward", "backward", "update"):
        talk.conversation.go(until)
    assert talk.source.sent == [Go("forward")]
    assert talk.state.queued == "update"
    talk.tell(Stopped(talk.source.stops[1], waiting=True))
    assert talk.source.sent == [Go("forward"), Go("update")]
    assert talk.state.queued == ""


def test_a_pause_that_no_phase_answers_is_asked_for_twice() -> None:
    talk = Talk(HandSource(seed_run()))
    talk.source.holding = True
    talk.conversation.go("end")
    talk.conversation.go("phase")
    assert talk.state.hint == "the program runs on; Esc pauses it"
    talk.conversation.pause()
    ((seconds, do),) = talk.screen.timers
    assert (seconds, talk.state.mode) == (PATIENCE, "pausing")
    do()
    assert talk.source.calls.count("pause") == 2
    talk.tell(Stopped(talk.source.stops[1], waiting=True))
    do()
    assert talk.source.calls.count("pause") == 2


def test_time_is_told_to_nobody() -> None:
    talk = Talk(HandSource(seed_run()))
    talk.go(5)
    sent = list(talk.source.sent)
    travel = talk.conversation.travel
    travel.by(-1)
    assert talk.index == 4
    travel.to_first()
    assert talk.index == 0
    travel.to(3)
    assert talk.index == 3
    travel.to_last()
    assert talk.index == 5
    travel.by(1)
    assert talk.state.hint == "this is the newest stop: space runs on"
    assert talk.source.sent == sent


def test_what_is_painted_while_the_program_runs_is_painted_now_and_then() -> None:
    talk = Talk(HandSource(seed_run()))
    talk.source.holding = True
    talk.conversation.go("end")
    painted = talk.screen.paintings
    for stop in talk.source.stops[1:4]:
        talk.tell(Stopped(stop, waiting=False))
    assert talk.screen.paintings == painted
    ((_, do),) = talk.screen.timers
    do()
    assert talk.screen.paintings == painted + 1


def test_an_edit_is_sent_once_and_its_answer_kept() -> None:
    talk = Talk(SimulatedSource())
    talk.go(3)
    talk.source.holding = True
    talk.conversation.edit(Rate(2.0))
    assert talk.state.editing
    talk.conversation.hear()
    assert not talk.state.editing
    assert talk.conversation.edits.made == [(3, Rate(2.0))]


def test_an_edit_in_the_past_is_another_run() -> None:
    talk = Talk(SimulatedSource())
    talk.go(5)
    talk.conversation.travel.to(3)
    talk.conversation.edit(Rate(2.0))
    assert talk.state.again == "again to stop 3"
    talk.conversation.go("phase")
    assert talk.state.hint == AGAIN
    while talk.state.again:
        talk.conversation.hear()
    talk.conversation.hear()
    runs = talk.conversation.link.runs
    assert [run.name for run in runs.all] == ["run 1", "lr ×2 at stop 3"]
    assert runs.live.parent is runs.all[0]


def test_the_programs_text_comes_before_the_stop_that_is_in_it() -> None:
    talk = Talk(HandSource(seed_run(), path=FILE))
    assert list(talk.screen.files) == [FILE]
    assert "w @ x" in talk.screen.files[FILE].text


def test_the_old_run_is_not_heard() -> None:
    talk = Talk(HandSource(seed_run()))
    talk.go()
    talk.conversation.link.restarting = True
    talk.tell(Output("late\n"), Notice("late"), Stopped(talk.source.stops[2], waiting=True), Exited(0))
    assert (talk.index, talk.state.mode) == (1, "waiting")
    talk.conversation.restart()
    assert talk.state.hint == STARTING


def test_how_it_ends() -> None:
    refused, gone, asking = (Talk(HandSource(seed_run())) for _ in range(3))
    refused.tell(Refused("no such device"))
    gone.tell(Exited(139, "SIGSEGV"))
    asking.tell(Asked())
    assert (refused.state.words(), gone.state.words()) == ("ended: not started", "ended: SIGSEGV")
    assert asking.state.words() == "waits for input(): k answers"
    asking.conversation.answer("5")
    assert (asking.source.answers, asking.state.asking) == (["5\n"], False)


# A recording: a list of encoded events, and no program


def test_a_recording_is_looked_through() -> None:
    talk = Talk(Recording(encoded(seed_run())))
    assert talk.state.words() == "recorded"
    assert talk.index == 13
    talk.conversation.travel.to(10)
    assert talk.conversation.moment.stop.finding("overshoot") is not None
    talk.conversation.go("phase")
    assert talk.index == 11


@pytest.mark.parametrize(
    "steer",
    [
        lambda talk: talk.go("phase"),
        lambda talk: talk.edit(Rate(2.0)),
        lambda talk: talk.clear(),
        lambda talk: talk.worlds(),
        lambda talk: talk.restart(),
        lambda talk: talk.device(),
        lambda talk: talk.can_prompt(),
        lambda talk: talk.answer("5"),
    ],
    ids="go edit clear worlds restart device prompt answer".split(),
)
@pytest.mark.parametrize("past", [False, True])
def test_a_recording_is_not_steered(steer: Callable[[Conversation], object], past: bool) -> None:
    talk = Talk(Recording(encoded(seed_run())))
    if past:
        talk.conversation.travel.to(13)
        talk.conversation.travel.by(-1)
    before = talk.state, list(talk.conversation.link.runs.all), talk.conversation.edits.made
    steer(talk.conversation)
    if not (past and talk.index == 13):  # forward through what is recorded
        assert talk.state.hint == RECORDED
        assert (msgspec.structs.replace(talk.state, hint=""), talk.conversation.link.runs.all) == before[:2]
    assert talk.conversation.edits.made == before[2] == []


def test_answers_reach_who_asked_only_of_the_run_that_is_shown() -> None:
    talk = Talk(SimulatedSource())
    talk.go(2)
    answer = Fetched(Fetch(2, "w"))
    talk.tell(answer)
    assert talk.screen.answers == [answer]
    talk.conversation.probe(Probe(2, "w"))
    assert talk.conversation.asked == Probe(2, "w")
    talk.conversation.clear()
    assert Clear(True) in talk.source.sent
