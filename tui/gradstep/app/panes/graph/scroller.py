"""Scrolls a canvas to what matters on its picture, or to the selected box."""

from __future__ import annotations

from textual.geometry import Offset, Region, Spacing

from gradstep.app.panes.graph.boxes import what_matters
from gradstep.app.panes.graph.canvas import GraphCanvas
from gradstep.app.panes.graph.pictures import Pictures
from gradstep.draw.graph.picture import Picture, is_same


class Scroller:
    """Keeps in view what is looked at, from picture to picture."""

    def __init__(self, canvas: GraphCanvas, pictures: Pictures) -> None:
        self._canvas, self._pictures = canvas, pictures

    def anchor(self) -> Offset | None:
        """Where on the pane the selected box stands, or one that matters; None if none is in view."""
        window = self._canvas.window()
        regions = [self._canvas.region_of(box) for box in self._anchored()]
        return next((region.offset - window.offset for region in regions if window.contains_region(region)), None)

    def _anchored(self) -> list[int]:
        selected = self._canvas.selected
        return [selected] if selected >= 0 else what_matters(self._pictures.shown)[:1]

    def after(self, old: Picture, anchor: Offset | None) -> None:
        """Scroll, once the canvas is painted, as the new picture is of the same stop, of more of it, or of another.

        `anchor`: what it was on the old picture.
        """
        new, later = self._pictures.shown, self._canvas.call_after_refresh
        if new.stop is old.stop:
            later(self._follow_selection if self._canvas.selected >= 0 else self._follow_anew)
        elif not is_same(new.stop, old.stop):
            later(self._follow)
        elif new.drawing.structure != old.drawing.structure:
            later(self._stay, anchor)

    def resize(self) -> None:
        """Scroll, once the canvas is painted: what was just brought into view may be hidden."""
        self._canvas.call_after_refresh(self._follow_selection if self._canvas.selected >= 0 else self._follow)

    def _stay(self, anchor: Offset | None) -> None:
        """More has come of what is looked at: have the same box where it stood."""
        boxes = self._anchored()
        if anchor is None or not boxes:
            self._follow()
            return
        aim = self._canvas.region_of(boxes[0]).offset - anchor
        self._canvas.scroll_to(aim.x, aim.y, animate=False, force=True, immediate=True)

    def _follow(self) -> None:
        """At a new stop scroll to what matters, unless some of it is in view."""
        boxes, window = what_matters(self._pictures.shown), self._canvas.window()
        if not any(window.contains_region(self._canvas.region_of(box)) for box in boxes):
            self._center(boxes)

    def _follow_anew(self) -> None:
        """On another drawing what is in view is so by chance: scroll to what matters, its loss rather than leaves."""
        boxes, root = what_matters(self._pictures.shown), self._canvas.drawing.root
        self._center([root] if len(boxes) > 1 and root >= 0 else boxes)

    def _center(self, boxes: list[int]) -> None:
        """Have boxes, or the first of them, in the middle of the width."""
        if not boxes:
            return
        window, regions = self._canvas.window(), [self._canvas.region_of(box) for box in boxes]
        shown = Region.from_union(regions)
        if shown.width > window.width or shown.height > window.height:
            shown = regions[0]
        beside = max(2, (window.width - shown.width) // 2 - 1)
        self._canvas.scroll_to_region(shown, spacing=Spacing(1, beside, 1, beside), animate=False, force=True)

    def _follow_selection(self) -> None:
        """Scroll to the selected box; of what was just opened, to as much as fits."""
        canvas, selected = self._canvas, self._canvas.selected
        if selected < 0:
            return
        bracket = next((one for one in canvas.drawing.brackets if one.header == selected), None)
        if bracket is None:
            canvas.bring(selected, Spacing(3, 2, 3, 2))
            return
        rows = min(bracket.last - bracket.first + 1, canvas.scrollable_content_region.height - 1)
        opened = canvas.region_of(selected).grow((0, 0, rows - 1, 0))
        canvas.scroll_to_region(opened, animate=False, force=True)
        canvas.bring(selected, Spacing(0, 1, 0, 1))
