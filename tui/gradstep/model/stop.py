"""A stop: a moment at which the program is paused. Everything on the screen is a view of one."""

from __future__ import annotations

import math
from typing import Literal

from msgspec import Struct, field

from gradstep.model.clue import Clue
from gradstep.model.evidence import Activation, LeafFacts, NotFinite
from gradstep.model.graph import Graph
from gradstep.model.place import Place
from gradstep.model.proof import Proof
from gradstep.model.receipt import Receipt
from gradstep.model.tensor import TensorView
from gradstep.model.verdict import Verdict

Phase = Literal["start", "forward", "backward", "update", "end"]
Reason = Literal["step", "by-hand", "cell", "exit", "exception", "killed", "limit", "pause", "op", "node"]
Severity = Literal["info", "warning", "error"]


ROUNDING = {"float64": 2.0**-52, "float32": 2.0**-23, "bfloat16": 2.0**-7, "float16": 2.0**-10}
NOISE = 16.0
"""A rise of fewer roundings of the larger loss than this is no rise: it is the order in which terms were added."""


class Loss(Struct, frozen=True, omit_defaults=True):
    """The scalar that backward was or would be called on."""

    name: str
    value: float | None
    """None for a root that is no scalar."""
    dtype: str = "float32"
    site: str = ""
    """Equal for two roots made by the same code with the same sequence of operations."""
    data: str = ""
    """Equal for two roots of equal `site` that were fed the same constants and the same random state."""
    coarsest: str = ""
    """The floating dtype of fewest digits among the results that it was made of, if that is not its own."""

    def worse_than(self, before: Loss, ascending: bool = False) -> bool:
        """Whether it is larger (`ascending`: smaller) than a loss before by more than rounding."""
        old, new = before.value, self.value
        if old is None or new is None or math.isnan(old) or math.isnan(new):
            return False
        worse = old - new if ascending else new - old
        part = max(NOISE * ROUNDING.get(self.dtype, 2.0**-23), ROUNDING.get(self.coarsest, 0.0))
        return worse > part * max(abs(old), abs(new))


class Gradient(Struct, frozen=True, omit_defaults=True, gc=False):
    """The ledger of one leaf: held + fresh = now."""

    held: TensorView | None = None
    """In `.grad` before the last backward pass; None where `.grad` was None."""
    fresh: TensorView | None = None
    """What that pass deposited; None if it deposited nothing."""
    now: TensorView | None = None
    """In `.grad` at this stop."""
    returned: TensorView | None = None
    """What `torch.autograd.grad` returned for this leaf, which deposits nothing."""
    stale: bool = False
    """An update had used some of the held part, and nobody cleared it."""
    by_hand: bool = False
    """The held part was put there by the program and not by a backward pass."""
    stale_dot: float = 0.0
    """Inner product of the stale part with held + fresh; 0 where nothing is stale."""
    now_dot: float = 0.0
    """Inner product of held + fresh with itself, as backward left it."""
    scale: float | None = None
    """Factor by which a GradScaler has multiplied the loss, while the gradient still carries it."""
    trained_by: tuple[int, ...] = ()
    """The optimizers that have the leaf, numbered as they were met."""


class Flow(Struct, frozen=True, omit_defaults=True, gc=False):
    """A gradient on its way from a node to one of its inputs."""

    to: str
    """Name of the result, the leaf or the node that gets it."""
    box: int = -1
    """The input's box in the graph; -1 for what is not drawn."""
    gradient: TensorView | None = None
    """None where the input gets none."""
    inner: bool = False
    """It goes to a node within an op, to which no result belongs that the user could name."""


class Step(Struct, frozen=True, omit_defaults=True):
    """What a stop inside a phase is about: one op of a forward pass, or one node of a backward pass."""

    name: str
    """The op as PyTorch calls it, or autograd's name of the node: `MulBackward0`."""
    box: int = -1
    """Its box in the graph; -1 if it is not drawn."""
    seq: int | None = None
    """Backward: autograd's number of the node, as in `AutogradNode.seq`."""
    inner: bool = False
    """Backward: the node is one within the box's op, and what arrives is not the gradient of the op's result."""
    arriving: TensorView | None = None
    """Backward: the gradient that arrives at the node."""
    leaving: tuple[Flow, ...] = ()
    """Backward: what it hands on; empty for an `AccumulateGrad`, which deposits what arrives."""
    done: int = 0
    """How many ops or nodes of this phase have run."""
    total: int = 0
    """How many nodes this backward pass has; 0 in forward."""


class Update(Struct, frozen=True, omit_defaults=True):
    """What an update stop is about."""

    optimizer: str = ""
    """Class name; empty for an update by hand."""
    lr: float | None = None
    """Learning rate of the first parameter group."""
    maximize: bool = False
    skipped: int = 0
    """How many steps a GradScaler has skipped since the update before."""
    leaves: tuple[str, ...] = ()
    """Names of the leaves whose content changed."""
    number: int = -1
    """Which optimizer, numbered as they were met; -1 for an update by hand."""
    peak: float | None = None
    """The optimizer's largest learning rate so far."""
    remembers: bool = False
    """The optimizer keeps something from step to step: momentum, averages of gradients."""
    anew: int = 0
    """How many updates running of the same leaves were each by an optimizer that is newer than all before."""
    resting: tuple[str, ...] = ()
    """Names of the optimizer's leaves whose own group has the learning rate 0 while another has not."""
    doubled: int = 0
    """How many of the optimizer's parameters it was given twice."""


class Fault(Struct, frozen=True, omit_defaults=True):
    """Why the program ended badly."""

    kind: str
    """Class name of the exception, or the signal's name: `ValueError`, `SIGSEGV`."""
    message: str
    """One line for people."""
    traceback: str = ""
    """As Python would print it, without our own frames."""


EXPLAINING = ("explained", "changed-in-place", "graph-reused", "gradient-never-reached", "loss-not-scalar")
"""The kinds of finding that tell, as an error, what the exception was about that has ended the program."""


class Finding(Struct, frozen=True):
    """A statement about a stop, with its evidence in numbers and a remedy."""

    kind: str
    severity: Severity
    message: str
    remedy: str = ""
    evidence: dict[str, float | int | str] = field(default_factory=dict)
    because: str = ""
    """The kind of finding that is its cause, if that is known."""

    def is_meant_by(self, kind: str) -> bool:
        """Whether it is of that kind; `warning` means any warning or error, `error` any error."""
        meant = {"warning": ("warning", "error"), "error": ("error",)}.get(kind)
        return self.kind == kind if meant is None else self.severity in meant


class Stop(Struct, frozen=True, omit_defaults=True):
    """One moment of one run."""

    index: int = -1
    """From 0, which is `start`; -1 only in `EMPTY`."""
    phase: Phase = "start"
    reason: Reason = "step"
    iteration: int = 0
    """From 1; 0 before the first forward."""
    phases: int = 0
    """How many phases have ended up to here, this one included."""
    rank: int = 0
    place: Place = Place()
    frame: Place = Place()
    """Where the innermost of the user's functions stands, whose variables a prompt sees."""
    loss: Loss | None = None
    """The loss of the latest forward; None before there is one."""
    changed: tuple[str, ...] = ()
    """Names of what changed since the stop before; a gradient is `w.grad`."""
    tensors: dict[str, TensorView] = field(default_factory=dict)
    """Every leaf, and what else changed."""
    leaves: tuple[str, ...] = ()
    """Which of `tensors` are leaves, in the order of the model."""
    gradients: dict[str, Gradient] = field(default_factory=dict)
    """Every leaf that has a gradient or was given one."""
    graph: Graph = Graph()
    step: Step | None = None
    """At stops inside a phase."""
    update: Update | None = None
    """At update stops."""
    fault: Fault | None = None
    """At an end stop that was no normal end."""
    exit_code: int | None = None
    """At the end stop."""
    seconds: float = 0.0
    """Time the phase took in the program, the device's work included."""
    receipts: dict[str, Receipt] = field(default_factory=dict)
    without_receipt: tuple[str, ...] = ()
    """Leaves that the update has moved and that have none, for --history is too small to copy them."""
    """At update stops: of every leaf that changed."""
    proof: Proof | None = None
    """At a forward stop whose loss is larger than the one before it of the same site."""
    activations: tuple[Activation, ...] = ()
    """At forward stops."""
    not_finite: NotFinite | None = None
    """Where NaN or Inf came from, at the stop at which it is first seen."""
    facts: dict[str, LeafFacts] = field(default_factory=dict)
    """Of every leaf."""
    clues: tuple[Clue, ...] = ()
    """What was seen here, or since the stop before that was looked at, that may be a fault."""
    verdicts: tuple[Verdict, ...] = ()
    """At the first forward stop of a run that is only to be checked."""
    bits: int | None = None
    """A checksum of every leaf's content and gradient, to tell whether two runs are the same."""
    complete: bool = False
    """All that is made late, while the program waits, is in it."""
    met: str = ""
    """The condition at which the program was stopped here, in words."""
    met_by: tuple[str, ...] = ()
    """The texts of all that were met here."""
    light: bool = False
    """The program ran through here without being looked at: no tensors and no graph were kept."""
    findings: tuple[Finding, ...] = ()

    @property
    def ran(self) -> str:
        """The phase that is looked at here, ended or op by op; empty at the start, the end, and a pause."""
        looked_at = self.phase in ("forward", "backward", "update") and not self.light and self.reason != "pause"
        return self.phase if looked_at else ""

    @property
    def whole(self) -> bool:
        """Whether a phase has ended here (or the run has begun or ended); else it is a stop on the way."""
        return self.reason not in ("op", "node", "pause")

    @property
    def scalar(self) -> Loss | None:
        """The loss if it is a number, and computed by now: inside a forward pass, `loss` is that of the pass before."""
        inside = self.phase == "forward" and not self.whole
        return None if inside or self.loss is None or self.loss.value is None else self.loss

    def clues_of(self, kind: str) -> list[Clue]:
        """The clues for that kind of finding."""
        return [clue for clue in self.clues if clue.kind == kind]

    def finding(self, kind: str) -> Finding | None:
        """The finding of that kind at this stop, if it holds."""
        return next((found for found in self.findings if found.kind == kind), None)

    @property
    def explanation(self) -> Finding | None:
        """What is known of the exception that has ended the program here."""
        if self.phase != "end" or self.fault is None:
            return None
        known = (found for found in self.findings if found.kind in EXPLAINING and found.severity == "error")
        return next(known, None)

    @property
    def guilty(self) -> frozenset[int]:
        """Nodes of the graph that have a part in what has ended the program here."""
        return frozenset(box for clue in self.clues for box in clue.boxes) if self.phase == "end" else frozenset()


EMPTY = Stop()
"""Before there is anything to show."""
