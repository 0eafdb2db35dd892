"""A stop in words: its findings, its fault, or what just happened."""

from __future__ import annotations

import math
import os

from textual.content import Content

from gradstep.draw.numbers import count, number
from gradstep.draw.proof import beside, proof_lines
from gradstep.draw.receipt import percent, step_shares
from gradstep.draw.step import step_sentence
from gradstep.draw.text import ACCENT, ERROR, MUTED, SEVERITY, SIGN, STRONG, cells, chop, fit, line, prose, short_names
from gradstep.model.moment import Met, Moment
from gradstep.model.stop import Finding, Stop
from gradstep.model.tensor import length

MORE = "y more"
"""What stands at the right of the summary where the pane says more: the key, and what it brings."""
_PARTS = {
    "fresh": "fresh gradient",
    "stale": "stale gradient",
    "by-hand": "gradient changed by hand",
    "momentum": "momentum",
    "weight-decay": "weight decay",
    "other": "of another kind",
}
"""Parts of a step, in a sentence."""
BESIDE = 100
"""From this width on a plot stands beside the text."""
PLOT = 7
"""Rows of a plot, where nothing else tells."""
ENDS = 3
"""Leaves that are named at each end of an order."""
_ORDER = ("error", "warning", "info")


def why_lines(moment: Moment, width: int, height: int = 0) -> list[Content]:
    """Findings in full with their remedies, the gravest first; at the end those of the whole run, after the fault.

    `height`: the rows that are seen, for a plot beside the text.
    """
    stop = moment.stop
    if stop.phase == "end":
        return _end_lines(moment, width)
    if stop.findings and stop.proof is not None and stop.proof.along:
        return _with_plot(stop, width, height)
    return _finding_lines(stop, width) or prose(sentence(moment), width)


def _finding_lines(stop: Stop, width: int) -> list[Content]:
    here = {found.kind for found in stop.findings}
    return [row for item in grave_first(stop) for row in _finding(item, item.message, width, item.because in here)]


def _with_plot(stop: Stop, width: int, height: int) -> list[Content]:
    """The findings, and the loss along the step: at their right where there is room, else below."""
    if stop.proof is None:
        return []
    room = width * 2 // 5 if width >= BESIDE else width
    if room < width:
        text = _finding_lines(stop, width - room - 2)
        return beside(text, proof_lines(stop.proof, room, height or PLOT), width - room)
    return [*_finding_lines(stop, width), line(""), *proof_lines(stop.proof, width, PLOT + 3)]


def why_summary(moment: Moment, width: int) -> Content:
    """The one line that is left of it on a small screen; at its right, which key shows all."""
    stop = moment.stop
    found = grave_first(stop)
    met = gravest_met(moment) if stop.phase == "end" else []
    sign, text = "", sentence(moment)
    known = stop.explanation
    if stop.fault is not None:
        sign, text = "error", known.message if known is not None else _fault_line(stop)
    elif met:
        more = f", and {count(len(met) - 1, 'other finding')}" if len(met) > 1 else ""
        sign, text = met[0].first.severity, f"{_when(met[0])}{more}. {text}"
    elif found:
        sign = found[0].severity
        text = (f"(1 of {len(found)}) " if len(found) > 1 else "") + found[0].message
    mark = [(f"{SIGN[sign]} ", SEVERITY[sign])] if sign else []
    style = ERROR if stop.fault is not None else ""
    rest = 0 if not sign and cells([text]) <= width else len(MORE) + 2
    room = max(0, width - rest - cells(mark))
    more_of_it = ("  ", (MORE[0], "bold $text-accent"), MORE[1:]) if rest else ()
    return line(*mark, (fit(text, room), style), *more_of_it)


def grave_first(stop: Stop) -> list[Finding]:
    """The findings of a stop, errors before warnings before information; a cause before what comes of it."""
    here = {found.kind: found for found in stop.findings}
    worst = {kind: _ORDER.index(found.severity) for kind, found in here.items()}
    for found in reversed(stop.findings):
        if found.because in worst:
            worst[found.because] = min(worst[found.because], worst[found.kind])

    def rank(found: Finding) -> int:
        while found.because in here:
            found = here[found.because]
        return worst[found.kind]

    return sorted(stop.findings, key=rank)


def gravest_met(moment: Moment) -> list[Met]:
    """The kinds of finding that the run has met, errors before warnings before information."""
    return sorted(moment.met, key=lambda met: _ORDER.index(met.first.severity))


def paused_at(stop: Stop) -> str:
    """Where a program was paused within a phase: `line 12 in train`; empty where that is unknown or it was not."""
    if stop.reason != "pause" or not stop.place.line:
        return ""
    function = stop.place.function
    return stop.place.spot + (f" in {function}" if function not in ("", "<module>") else "")


def is_fault_here(stop: Stop) -> bool:
    """Whether the place of the stop is where the program failed, and not only where it was last seen."""
    return stop.fault is not None and (stop.reason == "exception" or stop.fault.kind == "SystemExit")


def sentence(moment: Moment) -> str:
    """What just happened, in the textbook's words."""
    stop = moment.stop
    if stop.index < 0:
        return "What a phase has done, and what is wrong with it, is said here. Press space for the first phase."
    if stop.reason == "pause":
        return _pause(stop)
    if stop.light and stop.phase != "end":
        return " ".join(unseen(moment))
    if stop.step is not None:
        return step_sentence(stop, stop.step)
    words = {"start": _start, "forward": _forward, "backward": _backward, "update": _update, "end": _end}
    return words[stop.phase](moment) + _since(moment)


def unseen(moment: Moment) -> tuple[str, str]:
    """Why a stop that kept neither tensors nor graph shows nothing, and what to do."""
    if moment.recorded:
        return (
            "Of this stop the recording has the loss and the findings alone.",
            "What is kept is chosen by --keep and --every of gradstep record.",
        )
    if moment.past:
        passed = "The program ran freely past this stop, so that it was not inspected."
        return passed, "r runs it again; space stops at each phase."
    return "Stops are not inspected while the program runs freely.", "esc stops it at its next phase."


def _since(moment: Moment) -> str:
    """Where it was said what made the loss Inf or NaN, which it still is."""
    loss = moment.stop.loss
    if loss is None or loss.value is None or math.isfinite(loss.value) or moment.stop.phase == "end":
        return ""
    met = next((met for met in moment.met if met.first.kind == "not-finite" and met.stop < moment.stop.index), None)
    return f" Where it ceased to be finite is told at stop {met.stop:,}: j goes there." if met is not None else ""


def _start(moment: Moment) -> str:
    return "The program stands at its beginning. Press space: the forward pass computes the loss from the weights."


def _forward(moment: Moment) -> str:
    stop = moment.stop
    drawn = tuple(node.name for node in stop.graph.nodes if node.kind == "leaf")
    used = stop.leaves if stop.graph.omitted or not stop.graph.nodes else drawn
    leaves = count(len(used), "leaf", "leaves") + (f" ({', '.join(used)})" if 0 < len(used) <= 4 else "")
    what = "the loss" if stop.loss is None else f"{stop.loss.name} = {number(stop.loss.value)}"
    if stop.loss is not None and stop.loss.value is None:
        what = f"{stop.loss.name}, which is no scalar,"
    curve = moment.curve
    fell = ""
    if len(curve) > 1 and curve[-1].stop == stop.index and curve[-1].value < curve[-2].value:
        now, before = number(curve[-1].value), number(curve[-2].value)
        by = f" by {curve[-2].value - curve[-1].value:.3g}" if now == before else ""
        fell = f", after {before} before: it fell{by}"
    then = "Backward comes next." if stop.reason == "step" else "No backward pass follows it."
    return f"The forward pass computed {what} from {leaves}{fell}. It changes no weight. {then}"


def _backward(moment: Moment) -> str:
    stop = moment.stop
    fresh = [name for name, gradient in stop.gradients.items() if gradient.fresh is not None]
    held = [name for name in fresh if stop.gradients[name].held is not None]
    if not fresh:
        return "The backward pass deposited no gradient: it was asked for the gradients themselves, or reached no leaf."
    name = stop.loss.name if stop.loss is not None else "the loss"
    whose = ", ".join(f"∂{name}/∂{leaf}" for leaf in fresh) if len(fresh) <= 3 else count(len(fresh), "gradient")
    rest = "Nothing was held there, so that fresh = now."
    if held:
        rest = f"It was added to what was held in .grad of {count(len(held), 'leaf', 'leaves')}."
    what = f"The backward pass applied the chain rule from {name} back to the leaves and deposited {whose}."
    return f"{what} {rest} The update comes next."


def _update(moment: Moment) -> str:
    stop = moment.stop
    update = stop.update
    names = update.leaves if update is not None else ()
    what = ", ".join(names) if 0 < len(names) <= 4 else count(len(names), "leaf", "leaves")
    rate = f", learning rate {update.lr:g}" if update is not None and update.lr is not None else ""
    if update is None or not update.optimizer:
        done = f"The program changed {what} by hand."
    elif not names:
        done = f"{update.optimizer}.step() changed no leaf{rate}."
    else:
        done = f"{update.optimizer}.step() moved {what}{', to make the loss larger' if update.maximize else ''}{rate}."
    parts = [f"{percent(share)} {_PARTS[kind]}" for kind, share in step_shares(stop).items() if abs(share) > 0.005]
    lost = stop.without_receipt
    left = lost[0] if len(lost) == 1 else count(len(lost), "large leaf", "large leaves")
    if len(parts) > 1:
        done += f" The step{f', without {left},' if lost else ''} is {', '.join(parts[:-1])} and {parts[-1]}."
    if lost:
        done += f" --history is too small to explain what was done to {left}."
    return f"{done}{_ratios(stop)} The next forward pass will show what that did to the loss."


def _ratios(stop: Stop) -> str:
    """How far the step went against the weights themselves, where it went farthest and where least."""
    ratios: dict[str, float] = {}
    for name, receipt in stop.receipts.items():
        moved, size = length(receipt.change), length(receipt.before)
        if moved is not None and size:
            ratios[name] = moved / size
    names = sorted(ratios, key=lambda name: -ratios[name])
    if len(names) <= 2 * ENDS:
        return ""

    def told(some: list[str]) -> str:
        return ", ".join(f"{short} {ratios[name]:.2g}" for name, short in zip(some, short_names(some, 24), strict=True))

    return f" ||Δw|| / ||w|| is largest in {told(names[:ENDS])}; smallest in {told(names[: -ENDS - 1 : -1])}."


def _pause(stop: Stop) -> str:
    where = f" at {os.path.basename(stop.place.file)}, {paused_at(stop)}: {stop.place.text}" if stop.place.line else ""
    before = "no phase had ended yet" if stop.phase == "start" else f"the last phase that ended was {stop.phase}"
    return f"The program was paused{where}\nThat is between two stops: {before}. Space runs on to the next stop."


def _end(moment: Moment) -> str:
    stop = moment.stop
    ended = "The program has ended" + (f" after {count(stop.iteration, 'iteration')}" if stop.iteration else "")
    if not stop.iteration:
        ended += " without a forward or backward pass"
    code = f", exit code {stop.exit_code}" if stop.exit_code is not None else ""
    return f"{ended}{code}. Press r to run it again from the start."


def _end_lines(moment: Moment, width: int) -> list[Content]:
    """The fault, what the run has met, how it ended, and the traceback."""
    stop, known = moment.stop, moment.stop.explanation
    lines = _finding(known, known.message, width) if known is not None else []
    lines += _fault(stop, width, explained=known is not None)
    for met in gravest_met(moment):
        if met.first == known:
            continue
        lines += _finding(met.first, f"{_when(met)}: {met.first.message}", width)
    if stop.index > 0 or stop.fault is None:
        lines += prose(sentence(moment), width)
    if moment.passed:
        lines += prose(
            f"Of {count(moment.passed, 'phase')} that ran freely only the losses were compared.", width, MUTED
        )
    if stop.fault is not None and stop.fault.traceback:
        rows = [row for text in stop.fault.traceback.rstrip().split("\n") for row in chop(text, width - 2)]
        lines += [line((f"  {row}", MUTED)) for row in rows]
    return lines


def _when(met: Met) -> str:
    """`overshoot 3 times, first at stop 10, iteration 4`."""
    often = f"{met.count:,} times, first" if met.count > 1 else "once,"
    return f"{met.first.kind} {often} at stop {met.stop:,}, iteration {met.iteration:,}"


def _finding(found: Finding, text: str, width: int, under: bool = False) -> list[Content]:
    """What it says, and below it the remedy; `under`: it comes of the one before it, whose remedy is its own."""
    sign, indent = f"{'└ ' if under else ''}{SIGN[found.severity]} ", "    " if under else "  "
    style = STRONG if found.severity == "error" else ""
    lines = prose(text, width, style, (sign, SEVERITY[found.severity]), indent)
    told = found.remedy and not (under and found.remedy.endswith("is the cause.)"))
    return lines + (prose(found.remedy, width, MUTED, f"{indent}→ ", f"{indent}  ") if told else [])


def _fault(stop: Stop, width: int, explained: bool) -> list[Content]:
    """The exception or signal, and where; below its explanation, if there is one, it is not the first thing to read."""
    if stop.fault is None:
        return []
    sign = ("  ", "") if explained else ("▲ ", ERROR)
    lines = prose(_fault_line(stop), width, MUTED if explained else ERROR, sign, "  ")
    if stop.place.line:
        last = "" if is_fault_here(stop) else "the last stop before it: "
        where = f"{last}{os.path.basename(stop.place.file)}, {stop.place.spot}: {stop.place.text}"
        lines += prose(where.removesuffix(": "), width, ACCENT["forward"], "  ", "  ")
    return lines


def _fault_line(stop: Stop) -> str:
    fault = stop.fault
    return "" if fault is None else f"{fault.kind}: {fault.message}" if fault.message else fault.kind
