"""The list of conditions, and what a program does that is stopped by one."""

from __future__ import annotations

from pathlib import Path

import pytest
from gradstep.app.conversation.conditions import Wait, places_met
from gradstep.app.conversation.conversation import Conversation
from gradstep.app.conversation.rate import IterationRate
from gradstep.app.runs.budget import Budget
from gradstep.conditions import ConditionError
from gradstep.model.message import Conditions, Go
from gradstep.model.stop import Finding, Loss, Stop
from hand import HandSource, seed_run
from simulated import SimulatedSource
from test_conversation import Screen, Talk


class Lively:
    """A conversation with the simulated program."""

    def __init__(self, *until: str, drift: float = 0.0, seconds: float = 0.0) -> None:
        self.source = SimulatedSource(drift=drift)
        self.seconds = seconds
        self.screen = Screen()
        self.conversation = Conversation(self.source, self.screen, Budget(), until)
        self.source.start(self.conversation.link.inbox.put)
        self.conversation.hear()

    def press(self, until: str) -> None:
        self.conversation.go(until)  # type: ignore[arg-type]
        self.conversation.hear()

    @property
    def hint(self) -> str:
        return self.conversation.link.state.hint

    @property
    def stop(self) -> Stop:
        return self.conversation.moment.stop


def test_the_program_is_told_the_conditions_before_it_runs_on() -> None:
    talk = Talk(HandSource(seed_run()))
    talk.source.holding = True
    talk.conversation.waits.add("loss > 5")
    talk.conversation.go("condition")
    assert talk.source.sent == [Conditions(("warning", "loss > 5")), Go("condition", conditional=True)]
    assert talk.state.words() == "running until any warning +1 …"


def test_kinds_that_were_met_are_not_new() -> None:
    talk = Talk(HandSource(seed_run()))
    talk.go(5)
    assert [met.first.kind for met in talk.conversation.moment.met] == ["stale-gradient"]
    talk.conversation.go("condition")
    assert Conditions(("warning",), ("stale-gradient",)) in talk.source.sent


def test_a_condition_stops_it_and_what_it_ran_past_is_looked_at() -> None:
    lively = Lively("loss rises")
    lively.press("condition")
    assert (lively.stop.phase, lively.stop.iteration) == ("forward", 4)
    assert not lively.stop.light
    assert lively.hint == "stopped here: loss rose from 0.909353 to 1.53712"
    assert lively.source.runs == 2
    history = lively.conversation.link.history
    assert [stop.light for stop in history.stops] == [False] + [True] * 3 + [False] * 7
    assert lively.conversation.moment.before.index == 9
    assert lively.conversation.waits.all[1] == Wait("loss rises", met=1)
    lively.press("phase")
    assert (lively.stop.phase, lively.stop.iteration, lively.stop.index) == ("backward", 4, 11)


def test_a_long_run_is_not_run_again_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradstep.app.conversation.repeats.SOON", 0.0)
    lively = Lively("loss rises")
    lively.press("condition")
    assert lively.stop.light
    assert lively.source.runs == 1
    assert lively.hint == "loss rose from 0.909353 to 1.53712; R runs again up to here, 0 s, to look at it"
    lively.conversation.look_again()
    lively.conversation.hear()
    assert (lively.stop.light, lively.stop.index) == (False, 10)
    lively.conversation.look_again()
    assert lively.hint == "this stop was looked at; R is for those that the program ran past"


def test_a_program_that_does_not_repeat_itself_says_so() -> None:
    lively = Lively("loss rises", drift=0.25)
    lively.press("condition")
    assert lively.hint.startswith("the second run differs: stop 1: loss 16")


def test_once_is_taken_off_when_it_was_met() -> None:
    lively = Lively("loss < 10")
    lively.conversation.waits.once(1)
    lively.press("condition")
    assert lively.stop.iteration == 2
    assert lively.conversation.waits.all[1] == Wait("loss < 10", on=False, once=True, met=1)
    lively.press("condition")
    assert lively.stop.phase == "end"


def test_the_list() -> None:
    waits = Lively().conversation.waits
    assert waits.words() == "any warning"
    with pytest.raises(ConditionError):
        waits.add("loss >")
    waits.add("a.very.long.name.of.a.weight.grad   norm > 10")
    assert waits.all[1].text == "a.very.long.name.of.a.weight.grad norm > 10"
    waits.switch(0)
    assert waits.words() == "a.very.long.name.of.a.w…"
    waits.switch(1)
    assert (waits.texts, waits.words()) == ((), "")
    waits.add("a.very.long.name.of.a.weight.grad norm > 10")
    assert (len(waits.all), waits.all[1].on) == (2, True)
    assert not waits.remove(0)
    assert waits.remove(1)
    assert [wait.text for wait in waits.all] == ["warning"]


def test_back_and_forth_between_the_stops_at_which_one_was_met() -> None:
    lively = Lively("loss > 5")
    lively.conversation.waits.switch(0)
    lively.press("end")
    lively.conversation.back_to_condition()
    assert (lively.stop.phase, lively.stop.iteration) == ("forward", 5)
    lively.conversation.back_to_condition()
    assert (lively.stop.phase, lively.stop.iteration) == ("forward", 1)
    lively.conversation.back_to_condition()
    assert lively.hint == "no condition was met before this stop; B lists them"
    lively.press("condition")
    assert (lively.stop.phase, lively.stop.iteration) == ("forward", 5)
    lively.press("condition")
    assert lively.stop.phase == "end"


def test_places_met_counts_new_kinds_alone() -> None:
    found = (Finding("overshoot", "error", ""),)
    stops = [Stop(at, "forward", loss=Loss("loss", 1.0), findings=found if at else ()) for at in range(3)]
    assert [stop.index for stop in places_met(["warning"], stops)] == [1]
    assert places_met(["loss rises"], stops) == []


def test_iterations_a_second() -> None:
    rate = IterationRate()
    assert rate.at(10.0, 5) == 0
    assert rate.at(10.5, 50) == 0
    assert rate.at(12.0, 105) == 50
    assert rate.at(12.1, 110) == 50
    rate.begin()
    assert rate.at(20.0, 0) == 0


def test_the_list_is_kept_for_each_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    waits = Lively().conversation.waits
    waits.keep()
    assert not list(tmp_path.iterdir())
    waits.add("loss > 5")
    waits.switch(0)
    waits.once(1)
    waits.keep()
    assert Lively("loss < 1").conversation.waits.all == [
        Wait("warning", on=False), Wait("loss > 5", once=True), Wait("loss < 1"),
    ]  # fmt: skip
    (file,) = tmp_path.rglob("*.json")
    file.write_text('[{"text": "loss >"}, {"text": "loss rises"}]')
    assert [wait.text for wait in Lively().conversation.waits.all] == ["warning", "loss rises"]
    file.write_bytes(b"\xff{")
    assert [wait.text for wait in Lively().conversation.waits.all] == ["warning"]


def test_what_cannot_be_kept_is_said() -> None:
    lively = Lively()
    lively.conversation.waits.add("loss > 5")
    lively.conversation.waits.keep()
    assert lively.hint == "the conditions hold now, but could not be kept: Not a directory"
