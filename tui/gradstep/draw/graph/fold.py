"""Operations in the order in which they ran, as a tree: modules, what a loop repeats, and parts of what is very long.

Everything in the tree is a stretch of consecutive operations. Whatever is closed to one box, edges lead forward then,
and the order of all other boxes stays as it is.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from gradstep.draw.graph.repeats import Repeat, repeats
from gradstep.model.graph import Graph

FoldKind = Literal["all", "module", "repeat", "round", "part"]

MOST_PARTS = 40
"""What has more parts than this is divided once more."""
FEW_PARTS = 12
"""Into at most so many."""
MANY_TIMES = 8
"""So often a single operation must come in a row to be one box."""
WIDEST = 22
"""Cells of the longest text of a fold."""


@dataclass(frozen=True, slots=True)
class Fold:
    """Consecutive operations that can be shown as one box."""

    key: str
    """The same for the same stretch of another iteration's graph."""
    kind: FoldKind
    title: str
    """`model.blocks.3`, `blocks.0…11`, `lines 17…19`."""
    text: str
    """What it is: `Block`, `Block ×12`, `matmul add tanh ×300`."""
    first: int
    """Its operations, by their places in `Folding.ops`."""
    last: int
    """The place after its last one."""
    parts: tuple[Fold | int, ...] = field(repr=False)
    """What is seen when it is open: folds, and places of single operations."""
    path: str = ""
    """Of a module its path; of modules that are numbered, that of all of them together."""

    @property
    def size(self) -> int:
        """How many operations it holds."""
        return self.last - self.first


@dataclass(frozen=True, slots=True)
class Folding:
    """The tree of one graph."""

    ops: tuple[int, ...]
    """Ids of the operations, in their order."""
    place: tuple[int, ...]
    """For every node its place in `ops`; -1 for leaves and inputs."""
    root: Fold
    folds: dict[str, Fold]
    """All but the root, by key."""

    def around(self, place: int) -> tuple[Fold, ...]:
        """The folds that hold an operation, from the outermost to the innermost."""
        found: list[Fold] = []
        fold: Fold | int | None = self.root
        while isinstance(fold, Fold):
            found.append(fold)
            fold = next((part for part in fold.parts if isinstance(part, Fold) and part.first <= place < part.last), 0)
        return tuple(found[1:])

    def fits(self, graph: Graph, of: Graph) -> bool:
        """Whether this, made for the graph `of`, is right for `graph` too."""
        if graph is of:
            return True
        if len(graph.nodes) != len(of.nodes) or graph.modules != of.modules:
            return False
        return all(
            one.line == other.line and one.module == other.module and one.op == other.op and one.kind == other.kind
            for one, other in zip(graph.nodes, of.nodes, strict=True)
        )


def folding(graph: Graph, noun: str = "op") -> Folding:
    """The tree of a graph; `noun`: what its operations are called."""
    ops = [node for node, one in enumerate(graph.nodes) if one.kind == "op"]
    place = [-1] * len(graph.nodes)
    for at, node in enumerate(ops):
        place[node] = at
    build = _Build(graph, ops, noun)
    parts = build.parts("", "", 0, len(ops), 0)
    root = Fold("", "all", "", "", 0, len(ops), tuple(part.shown for part in parts))
    return Folding(tuple(ops), tuple(place), root, {fold.key: fold for fold in _all(root)})


def _all(root: Fold) -> Iterator[Fold]:
    """Every fold below one."""
    todo = [root]
    while todo:
        inner = [part for part in todo.pop().parts if isinstance(part, Fold)]
        yield from inner
        todo += inner


@dataclass(frozen=True, slots=True)
class _Part:
    """One part of a fold that is being made."""

    shown: Fold | int
    sign: int
    """Equal for parts that the same code made."""

    @property
    def first(self) -> int:
        return self.shown.first if isinstance(self.shown, Fold) else self.shown

    @property
    def last(self) -> int:
        return self.shown.last if isinstance(self.shown, Fold) else self.shown + 1


class _Build:
    """Makes folds of one graph."""

    def __init__(self, graph: Graph, ops: Sequence[int], noun: str) -> None:
        self._noun = noun
        self._nodes = [graph.nodes[node] for node in ops]
        self._kinds = {module.path: module.kind for module in graph.modules}
        paths = [tuple(module.path.split(".")) for module in graph.modules]
        self._paths = [paths[node.module] if 0 <= node.module < len(paths) else () for node in self._nodes]
        self._signs: dict[Hashable, int] = {}

    def _sign(self, *what: Hashable) -> int:
        return self._signs.setdefault(what, len(self._signs))

    def parts(self, key: str, path: str, first: int, last: int, depth: int) -> list[_Part]:
        """What these operations are made of, modules taken together at that depth of their paths."""
        found: list[_Part] = []
        times: dict[str, int] = {}
        at = first
        while at < last:
            steps = self._paths[at]
            if len(steps) <= depth:
                node = self._nodes[at]
                found.append(_Part(at, self._sign(node.op, node.file, node.line)))
                at += 1
                continue
            end = at + 1
            while end < last and self._paths[end][: depth + 1] == steps[: depth + 1]:
                end += 1
            name = steps[depth]
            times[name] = times.get(name, 0) + 1
            own = f"{key}/{name}" + (f"#{times[name]}" if times[name] > 1 else "")
            found.append(self._module(own, f"{path}.{name}".strip("."), at, end, depth + 1))
            at = end
        return self._divided(key, self._repeated(key, found))

    def _module(self, key: str, path: str, first: int, last: int, depth: int) -> _Part:
        """A module; a mere container of one thing is that thing."""
        parts = self.parts(key, path, first, last, depth)
        if path not in self._kinds and len(parts) == 1 and isinstance(parts[0].shown, Fold):
            return parts[0]
        kind, name = self._kinds.get(path, ""), path.rpartition(".")[2]
        sign = self._sign(kind, "" if name.isdigit() else name, tuple(part.sign for part in parts))
        return _Part(Fold(key, "module", path, kind, first, last, tuple(part.shown for part in parts), path), sign)

    def _repeated(self, key: str, parts: list[_Part]) -> list[_Part]:
        """The same with what is repeated taken together, until nothing is."""
        while found := repeats([part.sign for part in parts], partial(self._enough, parts)):
            made: list[_Part] = []
            at = 0
            for repeat in found:
                made += parts[at : repeat.start]
                made.append(self._repeat(key, parts[repeat.start : repeat.end], repeat.period, repeat.rounds))
                at = repeat.end
            parts = made + parts[at:]
        return parts

    def _enough(self, parts: list[_Part], repeat: Repeat) -> bool:
        """A single operation a few times in one line is no loop: the gates of a cell."""
        single = repeat.period == 1 and not isinstance(parts[repeat.start].shown, Fold)
        return not single or repeat.rounds >= MANY_TIMES

    def _repeat(self, key: str, parts: list[_Part], period: int, count: int) -> _Part:
        """One fold of equal rounds."""
        own = f"{key}/{parts[0].first}-{parts[-1].last}×{count}"
        pattern = self._pattern(parts[:period])
        rounds = [parts[at : at + period] for at in range(0, len(parts), period)]
        made = [
            round_[0]
            if period == 1
            else self._taken(f"{own}/{at}", "round", f"{at + 1:,} of {count:,}", pattern, round_)
            for at, round_ in enumerate(rounds)
        ]
        inner = self._divided(own, made, pattern)
        sign = self._sign("repeat", count, tuple(part.sign for part in parts[:period]))
        return _Part(self._fold(own, "repeat", self._title(parts), _times(pattern, count), inner), sign)

    def _taken(self, key: str, kind: FoldKind, title: str, text: str, parts: list[_Part]) -> _Part:
        return _Part(self._fold(key, kind, title, text, parts), self._sign(kind, tuple(part.sign for part in parts)))

    def _fold(self, key: str, kind: FoldKind, title: str, text: str, parts: list[_Part]) -> Fold:
        shown = tuple(part.shown for part in parts)
        path = self._numbered(parts)[0]
        return Fold(key, kind, title, text, parts[0].first, parts[-1].last, shown, path)

    def _numbered(self, parts: list[_Part]) -> tuple[str, str, str]:
        """The common path of modules with numbers for names, the first and the last of these; else empty."""
        one, other = parts[0].shown, parts[-1].shown
        if isinstance(one, Fold) and isinstance(other, Fold) and one.kind == other.kind == "module":
            front, _, start = one.path.rpartition(".")
            same, _, end = other.path.rpartition(".")
            if front == same and start.isdigit() and end.isdigit():
                return front, start, end
        return "", "", ""

    def _divided(self, key: str, parts: list[_Part], pattern: str = "", before: int = 0, total: int = 0) -> list[_Part]:
        """Very many parts in a few stretches of equal length; `before`: how many of all are not among them."""
        if len(parts) <= MOST_PARTS:
            return parts
        size, total = _round_size(len(parts)), total or len(parts)
        made = []
        for at in range(0, len(parts), size):
            some = parts[at : at + size]
            inner = self._divided(f"{key}/{at}+{size}", some, pattern, before + at, total)
            counted = pattern and not self._numbered(some)[2]
            named = f"{before + at + 1:,}…{before + at + len(some):,} of {total:,}" if counted else self._title(some)
            text = _times(pattern, len(some)) if pattern else f"{some[-1].last - some[0].first:,} {self._noun}s"
            made.append(self._taken(f"{key}/{at}+{size}", "part", named, text, inner))
        return made

    def _pattern(self, parts: list[_Part]) -> str:
        """What a round consists of: `Block`, `conv2d relu`."""
        names = [self._name(part.shown) for part in parts]
        return " ".join(names)

    def _name(self, shown: Fold | int) -> str:
        if isinstance(shown, Fold):
            return shown.text or shown.title.rpartition(".")[2]
        op = self._nodes[shown].op
        return op.partition("Backward")[0] or op

    def _title(self, parts: list[_Part]) -> str:
        """`model.blocks.0…11` for modules that are numbered, else the lines that made it."""
        front, start, end = self._numbered(parts)
        if end:
            return f"{front}.{start}…{end}".strip(".")
        lines = [self._nodes[at].line for at in range(parts[0].first, min(parts[-1].last, parts[0].first + 1000))]
        low, high = min(lines), max(lines)
        if not high:
            return f"{self._noun}s {parts[0].first + 1:,}…{parts[-1].last:,}"
        return f"line {high}" if low == high else f"lines {low}…{high}"


def _times(pattern: str, count: int) -> str:
    """`matmul add tanh ×300`, of a long pattern the beginning."""
    room = WIDEST - len(f" ×{count:,}")
    if len(pattern) > room:
        pattern = pattern[: room - 1].rpartition(" ")[0] or pattern[: room - 2]
        pattern += " …"
    return f"{pattern} ×{count:,}"


def _round_size(count: int) -> int:
    """1, 2 or 5 and zeros, so that there are few parts."""
    size, steps = 1, (2.0, 2.5, 2.0)
    at = 0
    while -(-count // size) > FEW_PARTS:
        size = int(size * steps[at % 3])
        at += 1
    return size
