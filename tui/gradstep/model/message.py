"""What the two processes say to each other. Encoded with msgspec; nothing is ever unpickled."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from gradstep.model.clue import Clue
from gradstep.model.evidence import Activation, LeafFacts, NotFinite
from gradstep.model.graph import Additions
from gradstep.model.proof import Check, Proof
from gradstep.model.receipt import Receipt
from gradstep.model.stop import Gradient, Stop
from gradstep.model.survey import Side, Span, Survey
from gradstep.model.tensor import TensorView, Value
from gradstep.model.verdict import Verdict
from gradstep.model.wire import Kept

Until = Literal["op", "phase", "forward", "backward", "update", "iteration", "condition", "end", "stop"]


Detail = Literal["screen", "record", "findings", "checks"]
"""What is made of each stop: all that a screen can show; what `trace --json` writes; what the findings need."""


class Launch(Struct, frozen=True, tag=True):
    """Screen to program: run this."""

    kind: Literal["file", "module", "notebook"]
    target: str
    """Absolute path, or the module's dotted name."""
    argv: tuple[str, ...] = ()
    """`sys.argv` as the program sees it: its name as it was given, then its own arguments."""
    directory: str = ""
    """Working directory."""
    device: str | None = None
    """Default device for a program that names none; None leaves the program alone."""
    seed: int = 0
    """For torch, random and numpy, set once at the start."""
    stops: int | None = None
    """End after this many forward, backward and update stops."""
    history: int = 0
    """Bytes of copies that may be kept of large leaves, so that they can be looked into at earlier stops."""
    preload: bool = True
    """Import torch before the program starts, so that a restart is quick."""
    optimizes: bool = False
    """And what `torch.optim` imports with the first optimizer that is made, which takes as long again."""
    detail: Detail = "screen"


class Go(Struct, frozen=True, tag=True):
    """Screen to program: go on until the end of a phase of that kind; `op`: or of one op, of one node of backward."""

    until: Until = "phase"
    full: bool = False
    """Send every stop on the way in full; else those that are passed are light."""
    to: int = 0
    """`stop`: go on until so many phases have ended in all."""
    look: int = 0
    """From that iteration on stops that are passed are looked at, too; 0: at no time for that reason."""
    conditional: bool = False
    """And stop where a condition is met; `condition`: at nothing else."""


class Conditions(Struct, frozen=True, tag=True):
    """Screen to program: what it is to be stopped at from now on."""

    texts: tuple[str, ...]
    known: tuple[str, ...] = ()
    """Kinds of finding that are not new."""


class Clear(Struct, frozen=True, tag=True):
    """Screen to program: from here on, clear gradients after each update, or stop doing so."""

    on: bool


class Fetch(Struct, frozen=True, tag=True):
    """Screen to program, while it waits: look into one tensor of the stop at which it waits, or of an earlier one."""

    stop: int
    """Index of that stop."""
    name: str
    node: int = -1
    """The box of the stop's graph that it is, by id; -1 for a leaf, which its name tells."""
    side: Side = "value"
    want: Literal["window", "survey", "seek"] = "window"
    """Some elements; the statistics of all; the position of the next NaN or Inf."""
    window: tuple[Span, ...] = ()
    """Which elements, one span an axis."""
    past: int = 0
    """Of an earlier stop, how many phases had ended by then: of leaves copies are kept. 0 for the present one."""
    after: int = -1
    """Seek from behind this position, in row-major order, and then from the beginning."""


class Rate(Struct, frozen=True, tag=True):
    """Screen to program, while it waits: multiply the learning rate, of all optimizers or of updates by hand."""

    factor: float


class Evaluate(Struct, frozen=True, tag=True):
    """Screen to program, while it waits: run that Python in the paused frame."""

    text: str


class Swap(Struct, frozen=True, tag=True):
    """Screen to program, while it waits at an update stop: replace the step by what the fresh gradient alone makes."""


class Probe(Struct, frozen=True, tag=True):
    """Screen to program, while it waits: a gradient by finite differences beside autograd's."""

    stop: int
    name: str
    node: int = -1
    """The box of the stop's graph, by id; -1 for a leaf."""


Edit = Clear | Rate | Evaluate | Swap
"""What changes the run: it is remembered, and done again where the run is repeated."""

Command = Go | Conditions | Clear | Fetch | Rate | Evaluate | Swap | Probe


class Kill(Struct, frozen=True, tag=True):
    """Screen to the fork server: end the run, and whatever it has started."""


class Forked(Struct, frozen=True, tag=True):
    """Fork server to screen: the program's process exists."""

    pid: int


class Ready(Struct, frozen=True, tag=True):
    """Program to screen: torch is there, the program's code comes next."""

    torch: str
    """Version."""
    devices: tuple[str, ...]
    """What this torch really has: `cpu`, `cuda:0`."""
    seed: int


class Stopped(Struct, frozen=True, tag=True):
    """Program to screen: a stop was made."""

    stop: Stop
    waiting: bool
    """The program waits for a command; else it runs on."""


class Shortened(Struct, frozen=True, tag=True):
    """The same on its way: the stop lacks what it has of the one before."""

    stop: Stop
    waiting: bool
    kept: Kept


class Statistics(Struct, frozen=True, tag=True, omit_defaults=True):
    """Program to screen, while it waits: what was left out of a stop so that it came at once."""

    index: int
    """Of the stop."""
    tensors: dict[str, TensorView] = field(default_factory=dict)
    gradients: dict[str, Gradient] = field(default_factory=dict)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    facts: dict[str, LeafFacts] = field(default_factory=dict)
    activations: tuple[Activation, ...] | None = None
    not_finite: NotFinite | None = None
    clues: tuple[Clue, ...] = ()
    """Besides those that the stop has."""
    proof: Proof | None = None
    bits: int | None = None
    last: bool = False
    """Nothing more comes for that stop."""
    graph: Additions | None = None
    same: tuple[str, ...] = ()
    """What was taken for changed, and is not."""
    verdicts: tuple[Verdict, ...] = ()

    def put_into(self, stop: Stop) -> Stop:
        """The stop with all of this in it."""
        if self.same:
            stop = without(stop, self.same)
        return replace(
            stop,
            tensors={**stop.tensors, **self.tensors},
            gradients={**stop.gradients, **self.gradients},
            receipts={**stop.receipts, **self.receipts},
            facts={**stop.facts, **self.facts},
            activations=stop.activations if self.activations is None else self.activations,
            not_finite=self.not_finite or stop.not_finite,
            clues=stop.clues + self.clues,
            proof=self.proof or stop.proof,
            bits=stop.bits if self.bits is None else self.bits,
            complete=stop.complete or self.last,
            graph=stop.graph if self.graph is None else stop.graph.grown(self.graph),
            verdicts=stop.verdicts + self.verdicts,
        )


def without(stop: Stop, same: Collection[str]) -> Stop:
    """The stop, at which those have not changed."""
    update = stop.update
    if update is not None:
        update = replace(update, leaves=tuple(name for name in update.leaves if name not in same))
    return replace(stop, changed=tuple(name for name in stop.changed if name not in same), update=update)


class Fetched(Struct, frozen=True, tag=True, omit_defaults=True):
    """Program to screen: the answer to a `Fetch`."""

    of: Fetch
    """What was asked."""
    view: TensorView | None = None
    """Shape, dtype and device of the tensor, or of one that is freed."""
    layout: str = ""
    """Where it is not plain and dense: `sparse coo`, `quantised`."""
    problem: str = ""
    """Why there is nothing to be seen; empty if there is."""
    note: str = ""
    """What has to be known about what is seen."""
    values: tuple[Value, ...] = ()
    """The elements of the window in row-major order."""
    survey: Survey | None = None
    at: int = -1
    """Row-major position that was sought; -1 if there is no such element."""


class Evaluated(Struct, frozen=True, tag=True):
    """Program to screen: what an edit has given."""

    edit: Edit
    text: str
    """The value's repr, what was done, or the error in one line."""
    error: bool = False
    stop: Stop | None = None
    """The stop at which the program waits as it is now, if the edit has changed it."""


class Probed(Struct, frozen=True, tag=True):
    """Program to screen: the answer to a `Probe`."""

    of: Probe
    check: Check


class Notice(Struct, frozen=True, tag=True):
    """Program to screen: something the user should know that is no stop."""

    text: str


class Refused(Struct, frozen=True, tag=True):
    """Program to screen: it could not be started as asked (no such device, a syntax error)."""

    text: str


class Exited(Struct, frozen=True, tag=True):
    """The program's process is gone."""

    code: int
    """Exit code, 128 + the signal's number for a signal, as a shell counts."""
    signal: str = ""
    """`SIGSEGV`, `SIGKILL`; empty for an exit."""


class Asked(Struct, frozen=True, tag=True):
    """Program to screen: it reads its standard input, and there is nothing to read."""


class Output(Struct, frozen=True, tag=True):
    """Text the program printed."""

    text: str
    error: bool = False


class FileText(Struct, frozen=True, tag=True, omit_defaults=True):
    """The text of one of the program's files, told before the first stop that is in it."""

    path: str
    """As stops name it."""
    text: str = ""
    """Of a notebook, all its code cells."""
    problem: str = ""
    """Why it cannot be read; empty if it can."""


Said = Ready | Stopped | Statistics | Fetched | Evaluated | Probed | Notice | Asked | Refused
"""Program to screen."""

Sent = Said | Shortened
"""The same on its way."""

Event = Said | Exited | Output | FileText
"""What a source of stops tells its listener."""
