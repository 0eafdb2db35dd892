"""What the inspector asks and which answers it takes, without a screen."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from gradstep.app.inspector.questions import NO_CHANGE, Questions
from gradstep.app.inspector.sheet import Sheet
from gradstep.app.runs.state import State
from gradstep.model.graph import Graph, GraphNode
from gradstep.model.message import Command, Fetch, Fetched
from gradstep.model.moment import Moment
from gradstep.model.stop import Stop
from gradstep.model.survey import Span, survey_of
from gradstep.model.tensor import TensorView, Value
from hand import large, view
from msgspec.structs import replace

WINDOW = ((0, 2, 1), (0, 3, 1))
FRAME = TensorView((40, 50), "float32", "cpu")
WAITING, RUNNING, RECORDED = State(mode="waiting"), State(mode="running"), State(mode="waiting", live=False)


class Corner:
    """The first elements are on the screen."""

    def missing(self, value: Callable[[int | None], Value | None]) -> bool:
        return any(value(place) is None for place in (0, 1, 2, 50, 51, 52))

    def window(self) -> tuple[Span, ...]:
        return WINDOW


def stop(index: int, **rest: Any) -> Stop:
    tensors = {"w": large(40, 50, norm=1.0), "h": large(40, 50, norm=1.0), "small": view([1.0, math.nan])}
    graph = Graph((GraphNode(7, "op", "h", "relu", tensors["h"]),))
    return Stop(index, "forward", phases=index, tensors=tensors, leaves=("w", "small"), graph=graph, **rest)


def moment(index: int = 2, **rest: Any) -> Moment:
    return Moment(stop(index), stop(index - 1), **rest)


class Asking:
    """Questions about one tensor, and what was sent."""

    def __init__(self, name: str = "w", at: Moment | None = None, state: State = WAITING) -> None:
        self.sent: list[Fetch] = []
        self.questions = Questions(name, -1, self.send)
        self.questions.follow(at or moment(), state)

    def send(self, command: Command) -> None:
        assert isinstance(command, Fetch)
        self.sent.append(command)

    @property
    def value(self) -> Sheet:
        return self.questions.sheets["value"]

    def ask(self, change: bool = False) -> list[str]:
        """Ask about the value; what for."""
        before = len(self.sent)
        self.questions.ask("change" if change else "now", [self.value], Corner())
        return [fetch.want for fetch in self.sent[before:]]

    def answer(self, fetch: Fetch, number: float = 0.5) -> bool:
        if fetch.want == "survey":
            return self.questions.take(Fetched(fetch, FRAME, survey=survey_of(view([number]))))
        return self.questions.take(Fetched(fetch, FRAME, values=(number,) * 6))


def test_nothing_is_asked_twice() -> None:
    asking = Asking()
    assert asking.ask() == ["window", "survey"]
    assert asking.questions.waits
    assert asking.ask() == [], "both are under way"
    assert all(asking.answer(fetch) for fetch in asking.sent)
    assert not asking.questions.waits
    assert asking.ask() == [], "both are known"
    assert [fetch.window for fetch in asking.sent] == [WINDOW, ()]


def test_another_stop_is_asked_for_anew() -> None:
    asking = Asking()
    asking.ask()
    asking.questions.follow(moment(3), WAITING)
    assert asking.ask() == ["window", "survey"]
    assert [fetch.stop for fetch in asking.sent] == [2, 2, 3, 3]


@pytest.mark.parametrize("other", [{"name": "h"}, {"stop": 3}, {"stop": 0}], ids=["tensor", "later", "earlier"])
def test_an_answer_about_something_else_is_refused(other: dict[str, Any]) -> None:
    asking = Asking()
    asking.ask()
    assert not asking.answer(replace(asking.sent[0], **other))
    assert asking.value.values == {}
    assert asking.questions.waits


def test_an_answer_about_the_stop_before_is_no_element_of_this_one() -> None:
    asking = Asking()
    asking.ask()
    asking.answer(replace(asking.sent[0], stop=1))
    assert asking.value.values == asking.value.earlier == {}


@pytest.mark.parametrize(
    ("name", "at", "state"),
    [
        ("w", moment(), RUNNING),
        ("w", moment(), RECORDED),
        ("w", Moment(replace(stop(2), phase="end")), WAITING),
        ("w", moment(past=True, alive=False), WAITING),
        ("h", moment(past=True), WAITING),
    ],
    ids=["it runs", "recording", "it has ended", "another run", "not a leaf"],
)
def test_nothing_is_asked_where_the_program_cannot_answer(name: str, at: Moment, state: State) -> None:
    asking = Asking(name, at, state)
    assert asking.ask() == asking.ask(change=True) == []
    assert not asking.questions.seek(asking.value, -1)
    assert asking.sent == []
    assert "a stop keeps the statistics only" in asking.questions.lack("now", [asking.value])[0]


def test_a_leaf_of_the_past_is_asked_for_by_its_phase() -> None:
    asking = Asking(at=moment(past=True))
    assert asking.ask() == ["window", "survey"]
    assert {fetch.past for fetch in asking.sent} == {2}


def test_what_the_stop_has_kept_needs_no_question() -> None:
    asking = Asking("small")
    assert asking.questions.keeps_all("value")
    assert asking.ask() == asking.ask(change=True) == []
    assert asking.value.next_bad(-1) == asking.value.next_bad(1) == 1


def test_the_change_of_a_leaf_needs_the_stop_before() -> None:
    asking = Asking()
    assert asking.ask(change=True) == ["window", "survey", "window"]
    earlier = asking.sent[-1]
    assert (earlier.stop, earlier.past) == (1, 1)
    asking.answer(asking.sent[0], 0.75)
    asking.answer(earlier, 0.5)
    assert asking.value.change(50) == 0.25


def test_what_the_program_has_not_kept_is_not_asked_for_again() -> None:
    asking = Asking()
    asking.ask(change=True)
    asking.questions.take(Fetched(asking.sent[-1], problem="not kept"))
    assert asking.ask(change=True) == []
    assert asking.questions.lack("change", [asking.value]) == NO_CHANGE


def test_one_search_at_a_time() -> None:
    asking = Asking()
    assert asking.questions.seek(asking.value, 4)
    assert not asking.questions.seek(asking.value, 4)
    assert [(fetch.want, fetch.after) for fetch in asking.sent] == [("seek", 4)]


def test_another_tensor_begins_with_nothing() -> None:
    asking = Asking()
    asking.ask()
    asking.questions.look_into("h")
    assert not asking.questions.waits
    assert not asking.answer(asking.sent[0])
    assert asking.ask() == ["window", "survey"]
    assert [(fetch.name, fetch.node) for fetch in asking.sent[2:]] == [("h", 7), ("h", 7)]
