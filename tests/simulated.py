"""The seed's program, simulated: it waits, goes on, is edited and begun again as a real one, in the caller's thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from gradstep.conditions import parse
from gradstep.conditions.detect import Detector
from gradstep.model.message import (
    Clear,
    Command,
    Conditions,
    Edit,
    Evaluate,
    Evaluated,
    Exited,
    Go,
    Output,
    Rate,
    Ready,
    Stopped,
    Swap,
    Until,
)  # fmt: skip
from gradstep.model.place import Place
from gradstep.model.stop import Loss, Phase, Stop, Update
from gradstep.model.tensor import TensorView
from hand import FILE, LINES, HandSource, X, Y, ledger, rounded, seed_graph, view
from msgspec.structs import replace

PHASES: tuple[Phase, ...] = ("forward", "backward", "update")


@dataclass
class Program:
    """The arithmetic of the seed, one phase a call."""

    w: list[float] = field(default_factory=lambda: [1.0, 1.0, 2.0])
    lr: float = 0.01
    clear: bool = False
    phases: int = 0
    iteration: int = 0
    held: list[float] | None = None
    fresh: list[float] | None = None
    grad: list[float] | None = None
    used: bool = False
    stale: bool = False
    y_hat: float = 0.0
    losses: list[float] = field(default_factory=list)
    before: list[float] = field(default_factory=list)
    """The weights before the last update."""

    @property
    def phase(self) -> Phase:
        """The phase that has ended."""
        return PHASES[(self.phases - 1) % 3] if self.phases else "start"

    def advance(self) -> None:
        """Run the next phase; gradients that an update has used are cleared before, if that is wished."""
        if self.clear and self.used:
            self.grad, self.held, self.fresh, self.stale, self.used = None, None, None, False, False
        self.phases += 1
        if self.phase == "forward":
            self.iteration += 1
            (self.y_hat,) = rounded([sum(a * b for a, b in zip(self.w, X, strict=True))])
            self.losses += rounded([(self.y_hat - Y) ** 2])
        elif self.phase == "backward":
            self.held, self.stale = self.grad, self.used and self.grad is not None
            self.fresh = rounded(2 * (self.y_hat - Y) * x for x in X)
            self.grad = rounded(a + b for a, b in zip(self.held or [0.0] * 3, self.fresh, strict=True))
            self.used = False
        else:
            self.before, grad = self.w, self.grad or [0.0] * 3
            self.w = rounded(a - self.lr * b for a, b in zip(self.w, grad, strict=True))
            self.used = True

    def edit(self, edit: Edit) -> str:
        """Change it; why it cannot be changed so, or nothing."""
        match edit:
            case Clear(on):
                self.clear = on
            case Rate(factor):
                self.lr *= factor
            case Evaluate(text):
                self.w = [float(text.rpartition("=")[2]), *self.w[1:]]
            case Swap():
                if self.phase != "update":
                    return "there is a step to swap at an update only"
                fresh = self.fresh or [0.0] * 3
                self.w = rounded(a - self.lr * b for a, b in zip(self.before, fresh, strict=True))
        return ""


def state_after(phases: int, edits: Sequence[tuple[int, Edit]], iterations: int = 6) -> Program:
    """What the program is after so many phases, edited on its way: the truth that a screen has to show."""
    program = Program()
    for at in range(min(phases, 3 * iterations) + 1):
        if at:
            program.advance()
        for when, edit in edits:
            if when == at:
                program.edit(edit)
    return program


class SimulatedSource(HandSource):
    """Makes stops as it goes; of `restart` it begins anew. `drift`: by how much each run begins elsewhere."""

    def __init__(self, iterations: int = 6, drift: float = 0.0) -> None:
        super().__init__([])
        self.iterations = iterations
        self.drift = drift
        self.program = Program()
        self.runs = 0
        self._index = 0
        self._inside = False
        self._ended = False
        self._detectors: list[Detector] = []

    def send(self, command: Command) -> None:
        self.sent.append(command)
        if self._ended:
            return
        if isinstance(command, Go):
            self._go(command)
        elif isinstance(command, Conditions):
            self._detectors = [Detector(parse(text), command.known) for text in command.texts]
        elif isinstance(command, Clear):
            self.program.edit(command)
        elif isinstance(command, Rate | Evaluate | Swap):
            wrong = self.program.edit(command)
            changed = None if wrong or isinstance(command, Rate) else replace(self._stop(), index=self._index - 1)
            self.emit(Evaluated(command, wrong or "done", bool(wrong), changed))

    def _begin(self) -> None:
        self.program = Program()
        self.program.w[0] += self.drift * self.runs
        self.runs += 1
        self._index, self._inside, self._ended = 0, False, False
        self.emit(Ready("2.13.0", self.devices, 7))
        self._tell(self._stop(), True)

    def _go(self, command: Go) -> None:
        iteration = self.program.iteration
        while self.program.phases < 3 * self.iterations:
            if command.until == "op" and self.program.phases % 3 == 0 and not self._inside:
                self._inside = True
                inside = self._stop(phase="forward", reason="op", iteration=self.program.iteration + 1)
                self._tell(inside, True)
                return
            self._inside = False
            self.program.advance()
            if self.program.phase == "forward":
                self.emit(Output(f"loss {self.program.losses[-1]:.4f}\n"))
            if self._reached(command.until, command.to, iteration):
                self._tell(self._stop(), True)
                return
            looked_at = command.full or 0 < command.look <= self.program.iteration
            stop = self._stop() if looked_at else self._light()
            words = [(each.condition.text, each.look(stop)) for each in self._detectors] if command.conditional else []
            met = next((text for _, text in words if text), "")
            self._tell(replace(stop, met=met, met_by=tuple(name for name, text in words if text)), bool(met))
            if met:
                return
        self._ended = True
        self._tell(self._stop(phase="end", reason="exit", exit_code=0), False)
        self.emit(Exited(0))

    def _reached(self, until: Until, to: int, iteration: int) -> bool:
        program = self.program
        if until == "stop":
            return program.phases >= to
        if until == "iteration":
            return program.phase == "forward" and program.iteration > iteration
        return until in ("phase", "op", program.phase)

    def _tell(self, stop: Stop, waiting: bool) -> None:
        self._index += 1
        self.emit(Stopped(stop, waiting))

    def _light(self) -> Stop:
        full = self._stop()
        return Stop(full.index, full.phase, full.reason, full.iteration, full.phases, loss=full.loss, light=True)

    def _stop(self, **fields: Any) -> Stop:
        program = self.program
        value = program.losses[-1] if program.losses else None
        tensors: dict[str, TensorView] = {"w": view(list(program.w))}
        common: dict[str, Any] = {
            "phase": program.phase, "iteration": program.iteration, "leaves": ("w",), "tensors": tensors,
            "place": Place(FILE, LINES.get(program.phase, 13), "<module>"), "phases": program.phases,
        }  # fmt: skip
        if value is not None:
            common["loss"] = Loss("loss", value, site="here", data="same")
            common["graph"] = seed_graph(list(program.w), program.y_hat, value)
        if program.grad is not None:
            entry = ledger(program.held, program.fresh or [], program.grad)
            common["gradients"] = {"w": entry}
        if program.phase == "update":
            common |= {"update": Update(leaves=("w",)), "changed": ("w",), "reason": "by-hand"}
        if program.phase == "backward":
            common["changed"] = ("w.grad",)
        return Stop(self._index, **(common | fields))
