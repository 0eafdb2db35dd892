"""`gradstep trace`: the stops without a screen, as a table or as JSON, one object a line."""

from __future__ import annotations

import math
import os
import queue
import sys
from typing import Any, TextIO

import msgspec

from gradstep.checks.checks import Breach, Checks
from gradstep.checks.report import github_lines, line
from gradstep.draw.step import step_words
from gradstep.findings import Examiner
from gradstep.model.digits import shortest
from gradstep.model.message import Conditions, Event, Exited, Go, Notice, Output, Refused, Stopped, Until
from gradstep.model.place import Place
from gradstep.model.printable import PrintedStream, printable, printable_line, printable_signs
from gradstep.model.receipt import Receipt
from gradstep.model.stop import Fault, Gradient, Loss, Step, Stop
from gradstep.model.tensor import TensorView
from gradstep.source import Source

NEVER_MET = 4
"""Exit code where the program has ended before any condition was met."""


def trace(
    source: Source,
    as_json: bool,
    checks: Checks,
    out: TextIO,
    ops: bool = False,
    conditions: tuple[str, ...] = (),
) -> int:
    """Run the program to its end and write every stop (`ops`: each op and node too); returns the exit code.

    `conditions`: run it to where one of them is met.
    """
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    source.start(events.put)
    write = json_line if as_json else _Table()
    fit = escaped if as_json else printable
    voice = Voice()
    examiner, phases, code = Examiner(), 0, 0
    # On a terminal the program waits for its row, so that what it prints next does not run into it.
    until: Until = "op" if ops else "phase" if out.isatty() else "end"
    try:
        while True:
            event = events.get()
            if isinstance(event, Stopped):
                stop = examiner.examine(event.stop)
                breaches = checks.look(stop)
                phases += stop.phase in ("forward", "backward", "update") and stop.whole
                print(fresh_line(out) + fit(write(stop)), file=out, flush=True)
                tell(breaches)
                code = stop.exit_code if stop.exit_code is not None else code
                if stop.met:
                    print(f"{fresh_line(sys.stderr)}gradstep: {met_words(stop)}", file=sys.stderr)
                    tell(checks.end())
                    return checks.code(0)
                if conditions and stop.phase == "start":
                    source.send(Conditions(conditions))
                if event.waiting:
                    source.send(Go(until, full=True, conditional=bool(conditions)))
            elif isinstance(event, Refused):
                voice.say(event)
                return 2
            elif isinstance(event, Output | Notice):
                voice.say(event)
            elif isinstance(event, Exited):
                code = event.code
                break
    finally:
        source.close()
    if not phases and code == 0:
        print(
            f"gradstep: {printable_line(source.title)} ran to its end without a forward or backward pass",
            file=sys.stderr,
        )
    tell(checks.end())
    if conditions and not checks.code(0):
        print(
            f"gradstep: the program ended and never came to: {printable_line(' | '.join(conditions))}", file=sys.stderr
        )
        return NEVER_MET
    return checks.code(code)


class Voice:
    """Passes on to standard error what a program prints, and what is told of it."""

    def __init__(self) -> None:
        self._streams = {error: PrintedStream() for error in (False, True)}

    def say(self, event: Output | Notice | Refused) -> None:
        """Write it."""
        if isinstance(event, Output):
            print(self._streams[event.error].clean(event.text), end="", file=sys.stderr, flush=True)
        else:
            print(f"{fresh_line(sys.stderr)}gradstep: {printable(event.text)}", file=sys.stderr)


def tell(breaches: list[Breach]) -> None:
    """Say what did not hold, and where GitHub runs it, so that it is shown beside the code."""
    for breach in breaches:
        print(f"{fresh_line(sys.stderr)}gradstep: {line(breach)}", file=sys.stderr)
    for said in github_lines(breaches, os.environ):
        print(said, file=sys.stderr)


def met_words(stop: Stop) -> str:
    """Where the program was stopped and why."""
    return f"stopped at stop {stop.index:,}, iteration {stop.iteration:,}: {printable_line(stop.met)}"


def fresh_line(out: TextIO) -> str:
    """What takes the cursor to a line's start where `out` is the terminal on which the program writes as well.

    The program may have left it within a line (`\\r` of a progress bar), which nobody can ask it. As many blanks as the
    terminal has columns leave it on the same line if it stood at its start, and else take it to the next one.
    """
    if not (out.isatty() and sys.stderr.isatty()) or os.environ.get("TERM", "dumb") == "dumb":
        return ""
    return " " * os.get_terminal_size(out.fileno()).columns + "\r"


def json_line(stop: Stop) -> str:
    """One stop as one JSON object; every key is there at every stop."""
    record = {
        "index": stop.index,
        "rank": stop.rank,
        "iteration": stop.iteration,
        "phase": stop.phase,
        "reason": stop.reason,
        "file": os.path.basename(stop.place.file),
        "line": stop.place.line,
        "loss": _loss(stop.scalar),
        "changed": list(stop.changed),
        "tensors": {name: tensor(shown) for name, shown in stop.tensors.items()},
        "gradients": {name: gradient(entry) for name, entry in stop.gradients.items()},
        "findings": [
            {
                "kind": found.kind,
                "severity": found.severity,
                "message": found.message,
                "remedy": found.remedy,
                "evidence": {key: _plain(value) for key, value in found.evidence.items()},
                "because": found.because or None,
            }
            for found in stop.findings
        ],
    }
    if stop.phase == "update" and stop.whole:
        record["receipts"] = {name: receipt(entry) for name, entry in stop.receipts.items()}
    if stop.step is not None:
        record["op"] = _step(stop, stop.step)
    if stop.phase == "end":
        record["exit_code"] = stop.exit_code
        record["fault"] = None if stop.fault is None else _fault(stop, stop.fault)
    return msgspec.json.encode(record).decode()


def escaped(record: str) -> str:
    """JSON in which no sign is a control character: they are written as JSON writes them."""
    return (
        record
        if record.isprintable()
        else "".join(sign if printable_signs(sign) == sign else f"\\u{ord(sign):04x}" for sign in record)
    )


def _fault(stop: Stop, fault: Fault) -> dict[str, Any]:
    """What has ended the program, and what is known of its cause."""
    known = stop.explanation
    cause = (known.message, known.remedy) if known is not None else (None, None)
    return {"kind": fault.kind, "message": fault.message, "explanation": cause[0], "remedy": cause[1]}


def _loss(known: Loss | None) -> dict[str, Any] | None:
    if known is None or known.value is None:
        return None
    return {"name": known.name, "value": _plain(shortest(known.value, known.dtype))}


def _step(stop: Stop, step: Step) -> dict[str, Any]:
    """One op of forward with its result, or one node of backward with what arrives and what leaves."""
    box = stop.graph.node(step.box)
    record: dict[str, Any] = {"name": step.name, "of": box.name if box is not None else None}
    if stop.phase == "forward":
        return record | {"result": None if box is None else part(box.view)}
    leaving = [{"to": flow.to, "gradient": part(flow.gradient)} for flow in step.leaving]
    return record | {"arriving": part(step.arriving), "leaving": leaving}


def part(shown: TensorView | None) -> Any:
    """Values of a small tensor, statistics of a large one."""
    if shown is None:
        return None
    return _plain(shortest(shown.value, shown.dtype)) if shown.value is not None else tensor(shown)


def tensor(shown: TensorView) -> dict[str, Any]:
    """A tensor as the trace has it: `value`, or the statistics."""
    known: dict[str, Any] = {"shape": list(shown.shape), "dtype": shown.dtype, "device": shown.device}
    if shown.value is not None:
        return known | {"value": part(shown)}
    statistics = {key: getattr(shown, key) for key in ("min", "max", "mean", "norm", "nan", "inf")}
    statistics |= {key: shortest(statistics[key], shown.dtype) for key in ("min", "max")}
    return known | {key: _plain(value) for key, value in statistics.items() if value is not None}


def gradient(entry: Gradient) -> dict[str, Any]:
    """A leaf's ledger: values of a small gradient, statistics of a large one."""
    record = {"held": part(entry.held), "fresh": part(entry.fresh), "now": part(entry.now), "stale": entry.stale}
    if entry.returned is not None:
        record["returned"] = part(entry.returned)
    if entry.by_hand:
        record["by_hand"] = True
    if entry.scale is not None:
        record["scale"] = entry.scale
    return record


def receipt(entry: Receipt) -> dict[str, Any]:
    """What a leaf's change is made of: before + the parts = after."""
    parts = [
        {
            "kind": term.kind,
            "share": _plain(term.share),
            "change": part(term.change),
            "factor": _plain(term.factor),
            "of": part(term.of),
            "divided": term.divided,
        }
        for term in entry.parts
    ]
    state = {name: {"before": part(known.before), "after": part(known.after)} for name, known in entry.state.items()}
    return {
        "before": part(entry.before),
        "after": part(entry.after),
        "change": part(entry.change),
        "lr": entry.lr,
        "rule": entry.rule,
        "scaled": entry.scaled,
        "scaling": part(entry.scaling),
        "parts": parts,
        "state": state,
        "unexplained": _plain(entry.unexplained),
        "rounding": _plain(entry.rounding),
        "uphill": _plain(entry.uphill),
    }


def _plain(value: Any) -> Any:
    """Numbers that JSON can say; the others as the strings that JavaScript and Python read back."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    return value


def _where(place: Place) -> str:
    """`train.py:12`, of a notebook `cell 3, line 2`."""
    if place.cell or not place.line:
        return place.spot
    return f"{os.path.basename(place.file)}:{place.line}"


class _Table:
    """Rows of text, written as the stops come."""

    def __init__(self) -> None:
        self._begun = False

    def __call__(self, stop: Stop) -> str:
        loss = "" if stop.scalar is None else f"{stop.scalar.value:.6g}"
        changed = ", ".join(stop.changed[:4]) + (f", … {len(stop.changed) - 4} more" if len(stop.changed) > 4 else "")
        found = " ".join(f"{'▲' if item.severity == 'error' else '!'} {item.kind}" for item in stop.findings)
        note = stop.reason if stop.reason != "step" else ""
        where = _where(stop.place)
        if stop.step is not None:
            changed = step_words(stop, stop.step)
        cells = (stop.index, stop.iteration, stop.phase, note, where, loss, changed, found)
        row = "{:>5} {:>5}  {:<9}{:<10}{:<26}{:>12}  {:<40}  {}".format(*cells).rstrip()
        if self._begun:
            return row
        self._begun = True
        titles = ("stop", "iter", "phase", "", "line", "loss", "changed", "findings")
        return "{:>5} {:>5}  {:<9}{:<10}{:<26}{:>12}  {:<40}  {}".format(*titles).rstrip() + "\n" + row
