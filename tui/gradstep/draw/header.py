"""The header: one line with the program, the phases, and the loss; the less important parts go first."""

from __future__ import annotations

import math

from textual.content import Content

from gradstep.draw.numbers import number, signed
from gradstep.draw.text import ACCENT, ERROR, MUTED, STRONG, Piece, cells, line, shorten
from gradstep.draw.why import paused_at
from gradstep.model.moment import Moment
from gradstep.model.stop import Stop

PHASES = ("forward", "backward", "update")
BADGE = {"forward": "bold auto on $primary", "backward": "bold auto on $warning", "update": "bold auto on $success"}
PAST = "bold auto on $accent"
"""Style of the words that say that this is the past."""
Part = tuple[int, list[Piece]]
"""How dispensable it is (0: never), and its text."""


def header_line(moment: Moment, title: str, words: str, seed: str, clearing: bool, hint: str, width: int) -> Content:
    """The line, exactly `width` cells; a hint stands in the place of the phases."""
    stop = moment.stop
    if words == "paused" and paused_at(stop) and not moment.past:
        words = f"paused at {paused_at(stop)}"
    if moment.past and (words == "paused" or words.startswith("ended")):
        words = ""
    iteration = f"iteration {stop.iteration:,}" if stop.iteration else ""
    left: list[Part] = [
        (0, [(title, STRONG)]),
        (0, past_pieces(moment)),
        (1, [("the oldest kept" if moment.past and stop.index == moment.oldest > 0 else "", STRONG)]),
        (3, [(moment.name, ACCENT["forward"])]),
        (1, [(moment.edited if moment.edited not in moment.name else "", ACCENT["update"])]),
        (2, [devices(stop)]),
        (1, [iteration]),
        (0, [] if words == "paused" else [(words, STRONG if words.startswith("ended") else "$text-accent")]),
        (6, [(seed, MUTED)]),
    ]
    right = loss_pieces(moment)
    start: list[Piece] = []
    centre: list[Piece] = []
    for cut in range(7, -1, -1):
        start = _joined([pieces for rank, pieces in left if rank <= cut])
        centre = [(hint, "bold $text-warning")] if hint else phase_pieces(moment, clearing, short=cut < 4)
        if cells(start) + cells(centre) + cells(right) + 9 <= width:
            break
    else:
        doing = "" if words == "paused" or moment.past else words.partition(" until ")[0].removesuffix(" …")
        doing = f"{doing} …" if doing and not words.startswith("ended") else doing
        named: list[Piece] = [(shorten(title, max(8, width // 4)), STRONG)]
        start = _joined([named, past_pieces(moment), [(doing, "$text-accent")] if len(doing) <= width // 4 else []])
        if moment.past and cells(start) + cells(centre) + cells(right) + 4 > width:
            start = past_pieces(moment)
        right = right if cells(start) + cells(right) + 4 <= width else []
        if cells(start) + cells(centre) + cells(right) + 4 > width:
            centre = (
                [(hint[: max(0, width - cells(start) - cells(right) - 5)] + "…", "bold $text-warning")] if hint else []
            )
    free = max(2, width - 2 - cells(start) - cells(centre) - cells(right))
    before = min(free - 1, max(min(4, free // 2), width // 2 - cells(centre) // 2 - cells(start) - 1))
    return line(" ", *start, " " * before, *centre, " " * (free - before), *right, " ")


def past_pieces(moment: Moment) -> list[Piece]:
    """`◀ past: stop 5 of 12`."""
    return [(f" ◀ past: stop {moment.stop.index:,} of {moment.newest:,} ", PAST)] if moment.past else []


def devices(stop: Stop) -> str:
    """Where the tensors are: `cpu`, `cpu, cuda:0`."""
    views = [*stop.tensors.values(), *(node.view for node in stop.graph.nodes if node.view is not None)]
    return ", ".join(sorted({view.device for view in views} - {""}))


def phase_pieces(moment: Moment, clearing: bool, short: bool) -> list[Piece]:
    """`● forward ── ◯ backward ── ◯ update`; short, only the phase that ran."""
    pieces: list[Piece] = []
    for phase in PHASES:
        ran = (moment.stop.phase if moment.past and moment.stop.whole else moment.stop.ran) == phase
        if short and not ran:
            continue
        pieces += [("" if short or not pieces else "──", MUTED)]
        pieces += [(f" ● {phase} ", BADGE[phase])] if ran else [(f" ◯ {phase} ", MUTED)]
    if clearing:
        pieces += [("" if short else "──", MUTED), (" clear", ACCENT["update"])]
    return pieces


def loss_pieces(moment: Moment) -> list[Piece]:
    """`loss 1.5371 ▲ +0.6278`; inside a forward pass, `loss before 0.9094`."""
    loss = moment.stop.loss
    if loss is None or loss.value is None:
        return []
    if moment.stop.scalar is None:
        return [(f"{loss.name} before {number(loss.value)}", MUTED)]
    pieces: list[Piece] = [(f"{loss.name} ", MUTED), (number(loss.value), STRONG)]
    curve = moment.curve
    if len(curve) > 1:
        change = curve[-1].value - curve[-2].value
        if math.isfinite(change) and change:
            sign = "▲" if change > 0 else "▼"
            style = ERROR if curve[-1].rose else MUTED if change > 0 else ACCENT["update"]
            pieces.append((f" {sign} {signed(change)}", style))
    return pieces


def _joined(parts: list[list[Piece]]) -> list[Piece]:
    """Parts with a dot between them; empty ones left out."""
    joined: list[Piece] = []
    for pieces in parts:
        if cells(pieces):
            joined += [(" · ", MUTED), *pieces] if joined else pieces
    return joined
