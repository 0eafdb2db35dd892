"""What came late of a graph is one object at all stops that show it."""

from __future__ import annotations

from gradstep.app.runs.budget import Budget, shared_by, size_of
from gradstep.app.runs.history import History
from gradstep.app.runs.sharing import Sharing
from gradstep.model.autograd import Autograd, AutogradNode
from gradstep.model.graph import Additions, Earlier, Graph, GraphNode
from gradstep.model.message import Statistics
from gradstep.model.stop import Phase, Stop
from msgspec.structs import replace

NODES = (GraphNode(0, "op", "add", "add"), GraphNode(1, "op", "loss", "pow"))


def earlier() -> Earlier:
    """Two operations that were left out, made anew each time."""
    nodes = (GraphNode(2, "op", "sin", "sin"), GraphNode(3, "op", "cos", "cos"))
    return Earlier(nodes, ((2, 3), (3, 0)), ops=2)


def autograd(missing: int = 0) -> Autograd:
    return Autograd((AutogradNode(0, 2, 0, ()), AutogradNode(1, 3, 1, (0,))), ("SinBackward0", "CosBackward0"), missing)


def stop(index: int, phase: Phase = "forward", number: int = 1, **more: Earlier | Autograd) -> Stop:
    graph = Graph(NODES, ((0, 1),), 1, omitted=2, number=number)
    return Stop(index, phase, graph=replace(graph, **more))


def taught() -> Sharing:
    """It has been told all of the graph 1."""
    sharing = Sharing()
    sharing.take(stop(1, earlier=earlier(), autograd=autograd()))
    return sharing


def test_a_stop_with_the_same_graph_gets_what_is_known() -> None:
    known = Sharing().take(stop(1, earlier=earlier(), autograd=autograd()))
    sharing = Sharing()
    sharing.take(known)
    filled = sharing.fill(stop(2, "backward"))
    assert filled.graph.earlier is known.graph.earlier
    assert filled.graph.autograd is known.graph.autograd
    assert filled == replace(known, index=2, phase="backward")


def test_another_graph_gets_nothing() -> None:
    for other in (stop(2, number=2), stop(2, number=0), Stop(2, "update")):
        assert taught().fill(other) is other
    changed = replace(stop(2), graph=replace(stop(2).graph, edges=()))
    assert taught().fill(changed) is changed


def test_a_stop_that_knows_all_itself_keeps_it() -> None:
    own = stop(2, earlier=earlier(), autograd=autograd())
    assert taught().fill(own) is own


def test_pieces_are_not_shared_before_the_last_has_come() -> None:
    sharing = Sharing()
    part = Earlier(earlier().nodes[:1], ((2, 3),), ops=1)
    sharing.take(stop(1, earlier=part, autograd=autograd(missing=1)))
    after = stop(2, "backward")
    assert sharing.fill(after) is after
    sharing.take(stop(1, earlier=part, autograd=autograd()))
    filled = sharing.fill(after)
    assert filled.graph.autograd.whole
    assert filled.graph.awaited == 2


def test_an_equal_graph_of_the_next_iteration_is_kept_once() -> None:
    sharing = Sharing()
    first = sharing.take(stop(1, earlier=earlier(), autograd=autograd()))
    second = sharing.take(stop(4, number=4, earlier=earlier(), autograd=autograd()))
    assert second.graph.earlier is first.graph.earlier
    assert second.graph.autograd is first.graph.autograd
    assert second.graph.number == 4
    other = Autograd(autograd().nodes, ("CosBackward0", "CosBackward0"))
    third = sharing.take(stop(7, number=7, earlier=earlier(), autograd=other))
    assert third.graph.autograd is other


def test_what_comes_at_a_later_stop_is_put_into_those_before_it() -> None:
    history = History()
    for one in (stop(1), stop(2, "backward"), Stop(3, "backward", light=True), stop(4, "update"), stop(5, number=5)):
        history.add(one)
    history.complete(Statistics(4, graph=Additions(earlier=earlier())))
    history.complete(Statistics(4, graph=Additions(autograd=autograd())))
    assert [kept.graph.awaited for kept in history.stops] == [0, 0, 0, 0, 2]
    assert [kept.graph.autograd.whole for kept in history.stops] == [True, True, False, True, False]
    assert history.moment(1).stop.graph.earlier is history.moment(4).stop.graph.earlier
    assert history.moment(4).before.index == 2


def test_an_older_graph_is_left_as_it_is() -> None:
    history = History()
    for one in (stop(1), stop(2, number=2), stop(3, "backward", number=2)):
        history.add(one)
    history.complete(Statistics(3, graph=Additions(earlier=earlier(), autograd=autograd())))
    assert [kept.graph.awaited for kept in history.stops] == [2, 0, 0]


def test_what_is_shared_counts_once_in_the_budget() -> None:
    budget = Budget()
    history = History(budget)
    history.add(stop(1))
    history.add(stop(2, "backward"))
    history.complete(Statistics(2, graph=Additions(earlier=earlier(), autograd=autograd())))
    shared = sum(size for _, size in shared_by(history.last))
    assert shared > 0
    assert budget.used == sum(size_of(kept) for kept in history.stops) + shared
    assert history.forget_oldest()
    assert budget.used == size_of(history.last) + shared
    history.forget()
    assert budget.used == 0
