"""Pictures of the graph, and the search in them, without a pane."""

from __future__ import annotations

from gradstep.app.panes.graph.boxes import selected_next, what_matters
from gradstep.app.panes.graph.pictures import LARGE, Pictures
from gradstep.app.panes.graph.search import Search
from gradstep.draw.graph.picture import Picture, Wish, picture
from gradstep.draw.graph.view import toggled
from gradstep.model.graph import Graph
from gradstep.model.stop import Phase, Stop
from hand import seed_graph
from model_graphs import gpt, lstm
from msgspec.structs import replace

SIZE = (100, 40)


def at(index: int, graph: Graph, phase: Phase = "forward") -> Stop:
    return Stop(index, phase, graph=graph)


class Drawing:
    """Pictures, and what the thread was given to draw."""

    def __init__(self) -> None:
        self.begun: list[Wish] = []
        self.pictures = Pictures(self.begun.append)

    def shows(self, stop: Stop) -> Picture:
        """Ask for a small picture, and show it."""
        new = self.pictures.draw(stop, "", SIZE)
        assert new is not None
        self.pictures.show(new)
        return new

    def drawn(self, wish: Wish) -> Picture | None:
        """The thread has drawn that."""
        return self.pictures.drawn(wish, picture(wish))


def test_a_small_graph_is_drawn_at_once() -> None:
    drawing = Drawing()
    new = drawing.shows(at(1, seed_graph([1.0, 1.0, 2.0], 7.0, 16.0)))
    assert drawing.pictures.shown is new
    assert drawing.begun == []
    assert what_matters(new) == [new.drawing.root]


def test_a_large_graph_is_drawn_in_the_thread_and_the_last_wish_alone_is_shown() -> None:
    drawing, graph = Drawing(), lstm()
    assert len(graph.nodes) > LARGE
    for index in (1, 2, 3):
        assert drawing.pictures.draw(at(index, graph), "", SIZE) is None
    assert [wish.stop.index for wish in drawing.begun] == [1], "the thread draws one at a time"
    assert drawing.drawn(drawing.begun[0]) is None
    assert [wish.stop.index for wish in drawing.begun] == [1, 3], "what nobody waits for is not drawn"
    new = drawing.drawn(drawing.begun[1])
    assert new is not None
    assert new.stop.index == 3
    assert not drawing.pictures.busy


def test_a_late_picture_is_dropped_and_nothing_else_drawn() -> None:
    drawing = Drawing()
    drawing.pictures.draw(at(1, lstm()), "", SIZE)
    drawing.shows(at(2, seed_graph([1.0, 1.0, 2.0], 7.0, 16.0)))
    assert drawing.drawn(drawing.begun[0]) is None
    assert len(drawing.begun) == 1


def test_a_view_of_the_stop_is_drawn_once() -> None:
    drawing, stop = Drawing(), at(1, gpt(3))
    first = drawing.shows(stop)
    key = "/model/head"

    def toggle() -> Picture:
        new = drawing.pictures.draw(stop, key, SIZE, lambda view, tree: toggled(view, tree, key))
        assert new is not None
        drawing.pictures.show(new)
        return new

    other = toggle()
    assert other is not first
    assert toggle() is first
    assert toggle() is other
    drawing.pictures.forget_views()
    assert toggle() is not first


def test_a_stop_that_looks_the_same_keeps_the_picture() -> None:
    drawing, stop = Drawing(), at(1, seed_graph([1.0, 1.0, 2.0], 7.0, 16.0))
    new, more = drawing.shows(stop), replace(stop, complete=True)
    assert drawing.pictures.keep(more)
    assert drawing.pictures.shown.drawing is new.drawing
    assert drawing.pictures.shown.stop is more
    assert not drawing.pictures.keep(replace(stop, index=2))


def test_the_selection_goes_to_the_same_name_at_another_stop() -> None:
    drawing = Drawing()
    old = drawing.shows(at(1, seed_graph([1.0, 1.0, 2.0], 7.0, 16.0)))
    new = drawing.shows(at(2, gpt(3)))
    loss = old.drawing.root
    assert selected_next(old, loss, old.drawing.keys[loss], new) == new.drawing.root
    assert selected_next(old, -1, "", new) == -1


def test_a_search_goes_around() -> None:
    search, shown = Search(), picture(Wish(at(1, gpt(3))))
    assert not search.begin(shown, "bert")
    assert search.step(1) is None
    assert search.begin(shown, "softmax")
    said = []
    for by in (1, 1, 1, 1, -1):
        assert search.step(by) is not None
        said.append(search.words())
    assert [words.partition(": ")[2] for words in said] == ["1 of 3", "2 of 3", "3 of 3", "1 of 3", "3 of 3"]
    assert said[1] == "softmax_2: 2 of 3"
