"""Stops made by hand, and a source that gives them; no torch. The run is that of the course notebook."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import gradstep
import msgspec
from gradstep.model.graph import Graph, GraphNode
from gradstep.model.message import Command, Event, Exited, FileText, Go, Output, Ready, Statistics, Stopped
from gradstep.model.place import Place
from gradstep.model.stop import Gradient, Loss, Phase, Stop, Update
from gradstep.model.tensor import TensorView, Value
from gradstep.source import Listener
from gradstep.source.files import FileTexts
from msgspec.structs import replace

X, Y, LR = (2.0, 3.0, 1.0), 3.0, 0.01
FILE = str(Path(gradstep.__file__).parent / "lessons" / "three_weights.py")
LINES = {"forward": 23, "backward": 27, "update": 30}


def view(value: Value, shape: tuple[int, ...] | None = None) -> TensorView:
    """A small tensor."""
    if shape is None:
        shape = (len(value),) if isinstance(value, list) else ()
    return TensorView(shape, "float32", "cpu", value)


def large(*shape: int, norm: float, device: str = "cpu") -> TensorView:
    """A tensor of which only statistics are known."""
    spread = norm / math.sqrt(math.prod(shape))
    return TensorView(shape, "float32", device, min=-2 * spread, max=2 * spread, mean=0.0, norm=norm, nan=0, inf=0)


def rounded(values: Iterable[float]) -> list[float]:
    return [float(f"{value:.7g}") for value in values]


def seed_graph(w: list[float], y_hat: float, loss: float) -> Graph:
    nodes = (
        GraphNode(0, "leaf", "w", view=view(list(w))),
        GraphNode(1, "input", "x", view=view(list(X))),
        GraphNode(2, "op", "y_hat", "matmul", view(y_hat), line=22, file=FILE),
        GraphNode(3, "input", "y", view=view(Y)),
        GraphNode(4, "op", "sub", "sub", view(y_hat - Y), line=23, file=FILE),
        GraphNode(5, "op", "loss", "pow", view(loss), line=23, file=FILE),
    )
    return Graph(nodes, ((0, 2), (1, 2), (2, 4), (3, 4), (4, 5)), 5)


def seed_run(iterations: int = 4, cleared: bool = False) -> list[Stop]:
    """start, then forward, backward, update of every iteration, then end. The numbers of the notebook."""
    w, held = [1.0, 1.0, 2.0], [0.0, 0.0, 0.0]
    stops = [Stop(0, "start", place=Place(FILE, 13, "<module>", "import torch"))]
    gradients: dict[str, Gradient] = {}
    for iteration in range(1, iterations + 1):
        (y_hat,) = rounded([sum(a * b for a, b in zip(w, X, strict=True))])
        (error,) = rounded([y_hat - Y])
        (value,) = rounded([error**2])
        loss = Loss("loss", value, site="here", data="same")
        graph = seed_graph(w, y_hat, value)
        results = {"y_hat": view(y_hat), "sub": view(error), "loss": view(value)}
        inputs = {"w": view(list(w)), "x": view(list(X)), "y": view(Y)}

        def stop(phase: Phase, **fields: Any) -> None:
            place = Place(FILE, LINES[phase], "<module>")
            common: dict[str, Any] = {"loss": loss, "leaves": ("w",), "gradients": dict(gradients), "graph": graph}  # noqa: B023
            common["phases"] = len(stops)
            stops.append(Stop(len(stops), phase, iteration=iteration, place=place, **(common | fields)))  # noqa: B023

        stop("forward", changed=("y_hat", "sub", "loss"), tensors=inputs | results)
        fresh = rounded(2 * error * x for x in X)
        now = rounded(a + b for a, b in zip(held, fresh, strict=True))
        gradients["w"] = ledger(held if any(held) else None, fresh, now)
        stop("backward", changed=("w.grad",), tensors={"w": view(list(w))}, gradients=dict(gradients))
        w = rounded(a - LR * b for a, b in zip(w, now, strict=True))
        stop("update", changed=("w",), tensors={"w": view(list(w))}, reason="by-hand", update=Update(leaves=("w",)))
        held = [0.0, 0.0, 0.0] if cleared else now
        if cleared:
            gradients = {}
    last = stops[-1]
    end = Stop(
        len(stops),
        "end",
        "exit",
        iterations,
        last.phases,
        loss=last.loss,
        tensors=last.tensors,
        leaves=("w",),
        exit_code=0,
    )
    return [*stops, replace(end, gradients=last.gradients)]


def ledger(held: list[float] | None, fresh: list[float], now: list[float]) -> Gradient:
    stale = held is not None
    dot = sum(a * b for a, b in zip(held or [], now, strict=False))
    return Gradient(
        view(list(held)) if held else None,
        view(fresh),
        view(now),
        stale=stale,
        stale_dot=dot,
        now_dot=sum(a * a for a in now),
    )


def transformer_run() -> list[Stop]:
    """One iteration of a model with 30 parameters of long names."""
    parts = {"attn.c_attn.weight": (2304, 768), "mlp.c_fc.weight": (3072, 768), "ln_1.bias": (768,)}
    shapes = {f"model.transformer.h.{layer}.{part}": shape for layer in range(10) for part, shape in parts.items()}
    leaves = tuple(shapes)

    def tensors(scale: float) -> dict[str, TensorView]:
        return {
            name: large(*shape, norm=scale * (1 + at), device="cuda:0")
            for at, (name, shape) in enumerate(shapes.items())
        }

    gradients = {
        name: Gradient(fresh=large(*shape, norm=2.0**-at), now=large(*shape, norm=2.0**-at))
        for at, (name, shape) in enumerate(shapes.items())
    }
    loss = Loss("loss", 10.9375, site="s", data="a")
    place = Place("/home/user/train_gpt.py", 212)
    update = Update("AdamW", 3e-4, leaves=leaves)
    return [
        Stop(0, "start", place=place),
        Stop(1, "forward", "step", 1, place=place, loss=loss, changed=("loss",), leaves=leaves,
             tensors=tensors(1.0) | {"loss": view(10.9375)}),
        Stop(2, "backward", "step", 1, place=place, loss=loss, leaves=leaves, tensors=tensors(1.0),
             changed=tuple(f"{name}.grad" for name in leaves), gradients=gradients),
        Stop(3, "update", "step", 1, place=place, loss=loss, leaves=leaves, tensors=tensors(1.001), changed=leaves,
             gradients=gradients, update=update),
    ]  # fmt: skip


class HandSource:
    """Gives prepared stops, one a `Go`; keeps what it was asked for. Everything happens in the caller's thread."""

    title = "three_weights.py"
    path = ""

    def __init__(self, stops: Sequence[Stop], title: str = "three_weights.py", path: str = "") -> None:
        self.stops = list(stops)
        self.title = title
        self.path = path
        self.sent: list[Command] = []
        self.answers: list[str] = []
        self.calls: list[str] = []
        self.devices = ("cpu", "cuda:0")
        self.holding = False
        """Commands are kept, and answered with `emit` by the test."""
        self.late: tuple[Event, ...] = ()
        """If set, `restart` tells these, as the last words of the old run, and begins no other."""
        self.live = True
        self._at = 0
        self._listener: Listener = lambda event: None
        self._files = FileTexts()

    def start(self, listener: Listener) -> None:
        self._listener = listener
        self.calls.append("start")
        for text in self._files.of(self.path):
            self._listener(text)
        self._begin()

    def emit(self, *events: Event) -> None:
        """Tell the listener."""
        for event in events:
            for text in self._files.before(event):
                self._listener(text)
            self._listener(event)

    def send(self, command: Command) -> None:
        self.sent.append(command)
        if isinstance(command, Go) and not self.holding:
            self._go(command)

    def answer(self, text: str) -> None:
        self.answers.append(text)

    def pause(self) -> None:
        self.calls.append("pause")

    def restart(self, device: str | None = None) -> None:
        self.calls.append(f"restart {device}")
        self.emit(*self.late)
        if not self.late:
            self._begin()

    def close(self) -> None:
        self.calls.append("close")

    def _begin(self) -> None:
        self._at = 0
        self.emit(Ready("2.13.0", self.devices, 7), Stopped(self.stops[0], waiting=True))

    def _go(self, command: Go) -> None:
        """Pass stops, light, until one that was asked for."""
        while self._at + 1 < len(self.stops):
            self._at += 1
            stop = self.stops[self._at]
            if stop.phase == "forward" and stop.loss is not None:
                self.emit(Output(f"iteration {stop.iteration}: loss {stop.loss.value:.4f}\n"))
            if stop.phase == "end":
                self.emit(Stopped(stop, waiting=False), Exited(stop.exit_code or 0))
            elif command.until in ("phase", stop.phase):
                self.emit(Stopped(stop, waiting=True))
                return
            else:
                light = Stop(stop.index, stop.phase, stop.reason, stop.iteration, loss=stop.loss, light=True)
                self.emit(Stopped(light, waiting=False))


class Replay(HandSource):
    """Gives the events of a run that was recorded one phase at a time; whatever `Go` asks for, the next phase comes."""

    def __init__(self, events: Sequence[Event], path: Path) -> None:
        super().__init__([event.stop for event in events if isinstance(event, Stopped)], path.name, str(path))
        self.events = list(events)

    def _begin(self) -> None:
        self._at = 0
        self._replay()

    def _go(self, command: Go) -> None:
        self._replay()

    def _replay(self) -> None:
        """Tell all up to the next stop at which the program waits, and what is made for it late."""
        waiting = False
        while self._at < len(self.events):
            event = self.events[self._at]
            if waiting and not isinstance(event, Statistics):
                return
            self._at += 1
            self.emit(event)
            waiting |= isinstance(event, Stopped) and event.waiting


class Recording(HandSource):
    """Gives encoded events, all at once, and must not be steered."""

    def __init__(self, events: Sequence[bytes], path: str = "") -> None:
        super().__init__([], "three_weights.gradstep", path)
        self.live = False
        self.events = events

    def _begin(self) -> None:
        self.emit(*(msgspec.msgpack.decode(event, type=Event) for event in self.events))

    def send(self, command: Command) -> None:
        raise AssertionError(command)

    def pause(self) -> None:
        raise AssertionError("pause")

    def restart(self, device: str | None = None) -> None:
        raise AssertionError("restart")

    def answer(self, text: str) -> None:
        raise AssertionError("answer")


def encoded(stops: Sequence[Stop]) -> list[bytes]:
    events: list[Event] = [FileText(FILE, "w @ x\n"), *(Stopped(stop, waiting=False) for stop in stops), Exited(0)]
    return [msgspec.msgpack.encode(event) for event in events]
