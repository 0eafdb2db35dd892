"""A search in a graph: from match to match, and what the one before had opened closes again."""

from __future__ import annotations

from gradstep.draw.graph import View
from gradstep.draw.graph.find import Match, find
from gradstep.draw.graph.picture import Change, Picture
from gradstep.draw.graph.view import revealed


def matches(picture: Picture, pattern: str) -> list[Match]:
    """What a pattern fits, in the order in which it ran."""
    return find(picture.graph, picture.folding, pattern)


class Search:
    """What a pattern fits, and where in that the user is."""

    def __init__(self) -> None:
        self._matches: list[Match] = []
        self._at = -1
        self._before = View()

    def begin(self, picture: Picture, pattern: str) -> bool:
        """Search a picture; False if nothing fits."""
        self._matches = matches(picture, pattern)
        self._before, self._at = picture.view, -1
        return bool(self._matches)

    def step(self, by: int) -> Match | None:
        """Another match; None if there are none."""
        if not self._matches:
            return None
        self._at = (self._at + by) % len(self._matches)
        return self._matches[self._at]

    def words(self) -> str:
        """`softmax: 1 of 12`."""
        return f"{self._matches[self._at].name}: {self._at + 1:,} of {len(self._matches):,}"

    def reveal(self) -> Change:
        """To the view of before, with the match in it."""
        before, match = self._before, self._matches[self._at]
        return lambda _, tree: revealed(before, tree, match.place, match.fold)
