"""A stop in words: its findings, its fault, or what just happened."""

from __future__ import annotations

import os

from textual.content import Content

from gradstep.draw.numbers import count, number
from gradstep.draw.text import ACCENT, ERROR, MUTED, SEVERITY, SIGN, STRONG, chop, line, prose
from gradstep.model.moment import Moment
from gradstep.model.stop import Finding, Stop

_ORDER = ("error", "warning", "info")


def why_lines(moment: Moment, width: int) -> list[Content]:
    """Findings in full with their remedies, the gravest first; the fault before them."""
    stop = moment.stop
    lines = _fault(stop, width)
    for finding in grave_first(stop):
        sign = (f"{SIGN[finding.severity]} ", SEVERITY[finding.severity])
        lines += prose(finding.message, width, STRONG if finding.severity == "error" else "", sign, "  ")
        if finding.remedy:
            lines += prose(finding.remedy, width, MUTED, "  → ", "    ")
    return lines or prose(sentence(moment), width)


def why_summary(moment: Moment) -> Content:
    """The one line that is left of it on a small screen."""
    stop = moment.stop
    if stop.fault is not None:
        return line(("▲ ", ERROR), (f"{stop.fault.kind}: {stop.fault.message}", ERROR))
    found = grave_first(stop)
    if found:
        more = f"  (+{len(found) - 1})" if len(found) > 1 else ""
        return line((f"{SIGN[found[0].severity]} ", SEVERITY[found[0].severity]), found[0].message + more)
    return line((sentence(moment), ""))


def grave_first(stop: Stop) -> list[Finding]:
    """The findings of a stop, errors before warnings before information."""
    return sorted(stop.findings, key=lambda found: _ORDER.index(found.severity))


def sentence(moment: Moment) -> str:
    """What just happened, in the textbook's words."""
    stop = moment.stop
    if stop.index < 0:
        return "What a phase has done, and what is wrong with it, is said here. Press space for the first phase."
    if stop.light:
        return (
            "The program runs through here without being looked at. The next phase that it stops at is shown in full."
        )
    words = {"start": _start, "forward": _forward, "backward": _backward, "update": _update, "end": _end}
    return words[stop.phase](moment)


def _start(moment: Moment) -> str:
    return "The program stands at its beginning. Press space: the forward pass computes the loss from the weights."


def _forward(moment: Moment) -> str:
    stop = moment.stop
    leaves = count(len(stop.leaves), "leaf", "leaves")
    names = f" ({', '.join(stop.leaves)})" if 0 < len(stop.leaves) <= 4 else ""
    what = "the loss" if stop.loss is None else f"{stop.loss.name} = {number(stop.loss.value)}"
    if stop.loss is not None and stop.loss.value is None:
        what = f"{stop.loss.name}, which is no scalar,"
    curve = moment.curve
    fell = ""
    if len(curve) > 1 and curve[-1].stop == stop.index and curve[-1].value < curve[-2].value:
        fell = f", after {number(curve[-2].value)} before: it fell"
    return f"The forward pass computed {what} from {leaves}{names}{fell}. No weight has changed. Backward comes next."


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
    return f"{done} The next forward pass will show what that did to the loss."


def _end(moment: Moment) -> str:
    code = moment.stop.exit_code
    iterations = count(moment.stop.iteration, "iteration")
    return f"The program has ended after {iterations}, exit code {code}. Press r to run it again from the start."


def _fault(stop: Stop, width: int) -> list[Content]:
    """The exception, where it was raised, and its traceback."""
    fault = stop.fault
    if fault is None:
        return []
    lines = prose(f"{fault.kind}: {fault.message}" if fault.message else fault.kind, width, ERROR, ("▲ ", ERROR), "  ")
    if stop.place.line:
        where = f"{os.path.basename(stop.place.file)}, line {stop.place.line}: {stop.place.text}"
        lines += prose(where, width, ACCENT["forward"], "  ", "  ")
    lines += prose("Press r to run the program again from the start.", width, MUTED, "  → ", "    ")
    if fault.traceback:
        rows = [row for text in fault.traceback.rstrip().split("\n") for row in chop(text, width - 2)]
        lines += [line((f"  {row}", MUTED)) for row in rows]
    return lines
