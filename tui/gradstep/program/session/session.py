"""The phases: forward, backward, update. Knows where in an iteration the program is and makes the stops."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

import torch
from msgspec.structs import replace
from torch import Tensor

from gradstep.model.message import Statistics
from gradstep.model.place import Place
from gradstep.model.stop import Loss, Reason, Stop, Update
from gradstep.program.clues.faults.explain import Explanation
from gradstep.program.clues.search import ClueSearch
from gradstep.program.edit.bits import Bits
from gradstep.program.edit.editor import Editor
from gradstep.program.evidence.again import ReplayedResults
from gradstep.program.evidence.evidence import Evidence
from gradstep.program.evidence.nonfinite import FirstNonFinite
from gradstep.program.graph.flows import Flows
from gradstep.program.graph.graphs import NOT_DRAWN
from gradstep.program.graph.levels import Levels
from gradstep.program.graph.local import LocalGradients
from gradstep.program.graph.losses import Root, find_root, is_statistic, kept_root
from gradstep.program.host.blackout import Blackout
from gradstep.program.host.frames import here, is_called_by, user_frame
from gradstep.program.host.guard import Guard
from gradstep.program.host.talk import Talk
from gradstep.program.host.watcher import Rest
from gradstep.program.leaves.held_modules import HeldModules
from gradstep.program.leaves.leaves import Leaf, Leaves
from gradstep.program.leaves.ledger import Ledger, mark_used
from gradstep.program.leaves.scaling import Scaling
from gradstep.program.leaves.updates import Updates, described, resting, versions_without_gradient
from gradstep.program.receipt.receipts import Receipts
from gradstep.program.replay.prove import Prover
from gradstep.program.replay.verdicts import Verdicts
from gradstep.program.session.reached import OpsReached
from gradstep.program.session.recorder import Recorder
from gradstep.program.session.unwatched import unwatched
from gradstep.program.stops.archive import Archive
from gradstep.program.stops.backward import BackwardStops
from gradstep.program.stops.describe import Describer
from gradstep.program.stops.forward import ForwardStops
from gradstep.program.tape.calls import Calls
from gradstep.program.tape.modules import ModuleStack
from gradstep.program.tape.ops import Op
from gradstep.program.tape.tape import Tape
from gradstep.program.tensors import devices
from gradstep.program.tensors.allowance import Allowance
from gradstep.program.tensors.private import sequence_nr, transform
from gradstep.program.tensors.quiet import quiet
from gradstep.program.tensors.views import readable

EngineRun = Callable[..., Any]

_DERIVATIVES = ("torch/autograd/functional.py", "torch/autograd/gradcheck.py")
"""Calls of these (`jacobian`, `gradcheck`) are no phases, however often they run backward."""


@dataclass(eq=False)
class BackwardPass:
    """One call into autograd's engine."""

    outputs: Sequence[Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    frame: FrameType
    """Who calls it."""
    full: bool
    """Somebody will look at its stop."""
    deposits: bool
    """Into `.grad`, else the gradients are returned."""
    keeps: bool
    """It may have a part in a loss."""
    deposited: list[Leaf] = field(default_factory=list)
    """The leaves that have got something."""
    start: float = field(default_factory=time.perf_counter)


class Session:
    """One run of one program, seen from inside. Reads torch only while `quiet`."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.guard = Guard(talk.notice, talk.turn)
        self.leaves = Leaves()
        self.updates = Updates(self.leaves)
        self.ledger = Ledger(self.leaves)
        self.modules = ModuleStack()
        self.tape = Tape(self.leaves, self.updates, self.modules)
        self.allowance = Allowance(talk.launch.history)
        self.calls = Calls(self.tape, self.allowance.size)
        self.blackout = Blackout()
        self.flows = Flows(self.leaves, self.guard, self.blackout)
        self.describer = Describer(self.leaves, self.ledger, HeldModules(self.modules.outermost))
        local, levels = LocalGradients(self.leaves, self.tape), Levels(talk, self.leaves)
        self.forward = ForwardStops(talk, self.describer, self.tape, local, levels)
        self.nodes = BackwardStops(talk, self.guard, self.describer, self.tape, self.ledger, self.flows, self.forward)
        self.reached = OpsReached(talk, self.describer)
        self.scaling = Scaling()
        self.receipts = Receipts(self.leaves, self.allowance, brief=talk.launch.detail == "findings")
        changes = self.receipts.changes
        self.clues = ClueSearch(
            self.leaves, self.tape, self.modules, self.describer, self.forward, self.scaling, self.guard,
            self.blackout, lambda: talk.iteration,
        )  # fmt: skip
        self.explanation = Explanation(
            self.leaves, self.tape, self.describer, self.forward, self.scaling, self.clues.passes
        )
        self.recorder = Recorder(self, talk, self.guard, self.updates, self.tape, self.calls, self.flows, self.clues)
        self.prover = Prover(talk, self.calls, self.leaves, changes, self.blackout, self.allowance)
        self.editor = Editor(talk, self.leaves, self.updates, changes, self.describer, self.unwatched)
        first = FirstNonFinite(
            self.leaves, self.describer, self.scaling, lambda: ReplayedResults(self.prover, self.calls)
        )
        evidence = Evidence(self.leaves, self.tape, self.describer, self.forward, first)
        self.archive = Archive(self.leaves, self.allowance, keeps=talk.launch.history > 0)
        on_screen = talk.launch.detail == "screen"
        late: list[tuple[Rest, bool]] = [
            (self.forward.rest, True),
            (self.archive.rest, on_screen),
            (self.receipts.rest, True),
            (evidence.rest, True),
            (self.clues.rest, True),
            (levels.rest, True),
            (Bits(self.leaves).rest, on_screen),
            (self.prover.rest, True),
            (
                Verdicts(self.prover, self.calls, lambda: self.clues.functions.checked).rest,
                talk.launch.detail == "checks",
            ),
        ]
        self.late = [rest for rest, wanted in late if wanted]
        """Who adds to a stop while the program waits, in their order."""
        self.engine: CodeType | None = None
        """Code of ours that calls autograd's engine: in a traceback its frame has what backward was called on."""
        self._inside_backward = False
        self._updated = True
        self._passed = False
        """A backward pass has run since the latest update."""
        self._idle: list[int] | None = None
        """Versions of the leaves before a step that follows no backward pass; None where one of them has a gradient."""
        self._stepped: list[torch.optim.Optimizer] = []
        self._thread = threading.get_ident()
        self._told_of_threads = False

    @property
    def loss(self) -> Loss | None:
        """Of the latest forward pass."""
        return self.forward.loss

    # Forward

    def before_forward(self, frame: FrameType) -> None:
        """A forward op is about to run, and an update has not been seen since backward: was there one by hand?"""
        updates = self.updates
        if updates.stepping or self._inside_backward or updates.is_own_line(user_frame(frame)):
            return
        if updates.suspicious or updates.rebound:
            self._by_hand(frame if updates.rebound else None)
        if self._updated:
            self.forward.note()

    def op_made(self) -> None:
        """A forward op has run while updates were awaited: a new iteration begins if there was one."""
        if self._updated and not self._inside_backward and not self.updates.stepping:
            self._begin_iteration()

    def _begin_iteration(self) -> None:
        self._updated = False
        self.updates.begin()
        self.talk.iteration += 1
        self.tape.reset()
        self.calls.reset()
        self.tape.lean = not self.talk.looks_at("forward")
        self.forward.begin()
        if self.tape.lean:
            self.calls.forget()

    def op_stop(self, op: Op, frame: FrameType) -> None:
        """One op of a forward pass has run, and the user goes op by op, or to some op."""
        if not self._inside_backward and not self.blackout and (self.talk.each or self.reached.has(op, frame)):
            self.forward.after_op(op, frame)

    def _forward(self, root: Root, reason: Reason, frame: FrameType | None) -> None:
        """Make the stop at the end of a forward phase. `frame`: where the program is now."""
        if self._updated:
            self._begin_iteration()
        self.tape.longest = max(self.tape.longest, len(root.ops))
        full = self.talk.looks_at("forward")
        if full:
            self.clues.before_stop(root.ops)
        stop = self.forward.at_end(root, reason, frame, full)
        if self.loss is not None:
            self.prover.at_forward(root, self.loss, full)
        self._stop(stop)

    def before_function(self) -> bool:
        """A custom Function is about to run, which the recorder does not see; whether its call is to be kept."""
        if self._updated and not self._inside_backward and not self.blackout and not self.guard.tripped:
            self.forward.note()
        return self.keeps_calls()

    def keeps_calls(self) -> bool:
        """Whether the call now under way is one of a forward pass that may be run again."""
        idle = not (self._inside_backward or self.blackout or self.guard.tripped)
        return idle and self.tape.near and torch.is_grad_enabled() and transform() is None

    # Backward

    def ignores(self, outputs: Sequence[Any]) -> bool:
        """Whether that call into the engine is no phase of the program."""
        if self.guard.tripped or self._inside_backward or self.blackout or transform() is not None:
            return True
        if is_called_by(sys._getframe(2), _DERIVATIVES):
            return True
        if threading.get_ident() != self._thread:
            if not self._told_of_threads:
                self._told_of_threads = True
                self.talk.notice("a backward pass runs in another thread; only the main thread is followed")
            return True
        with quiet():
            return any(isinstance(item, Tensor) and not readable(item) for item in outputs)

    def begin_backward(self, outputs: Sequence[Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> BackwardPass:
        """A call into autograd's engine begins: make the forward stop before it, and listen."""
        frame = sys._getframe(2)
        self.recorder.come_back()
        if self.updates.stepping and not _is_inside_step(frame):
            self.updates.stepping = 0  # a step has raised
        tensors = [item for item in outputs if isinstance(item, Tensor)]
        full = False
        deposits = bool(kwargs.get("accumulate_grad", args[5] if len(args) > 5 else True))
        with self.guard, quiet():
            self.end_forward(tensors, frame)
        with self.guard, quiet():
            full = self.talk.looks_at("backward")
            self.clues.before_backward(tensors, here(frame), deposits, self.updates.stepping > 0)
            self.ledger.before()
        with self.guard, quiet():
            if full:
                self.nodes.begin(tensors, frame, deposits)
        self.tape.floor = sequence_nr() - 1
        keeps = self.keeps_calls()
        self._inside_backward = self._passed = True
        return BackwardPass(outputs, args, kwargs, frame, full, deposits, keeps)

    def leave_backward(self, under_way: BackwardPass) -> None:
        """The engine has run, or has raised."""
        self._inside_backward = False
        self.tape.within = sequence_nr() - 1
        with self.guard, quiet():
            self.nodes.end()
            under_way.deposited = self.ledger.after()

    def end_backward(self, under_way: BackwardPass, run: EngineRun, result: Any) -> None:
        """It has returned: make the backward stop."""
        args, kwargs, frame = under_way.args, under_way.kwargs, under_way.frame
        if under_way.keeps and isinstance(result, tuple):
            with self.guard:
                self.calls.keep_backward(run, under_way.outputs, args, kwargs, result)
        if self.talk.will_wait("backward"):
            devices.wait()
        seconds = time.perf_counter() - under_way.start
        with self.guard:
            if not under_way.deposits:
                with quiet():
                    inputs = kwargs.get("inputs", args[3] if len(args) > 3 else ())
                    under_way.deposited = self.ledger.returned(inputs, result, self.updates.leaf_of)
                    for item, grad in zip(inputs, result, strict=False):
                        leaf = self.leaves.find(item)
                        if leaf in under_way.deposited:
                            self.receipts.returned(leaf, grad)
            self._after_backward(under_way.full, under_way.deposited, frame, seconds)

    def before_engine(self, outputs: Sequence[Any], frame: FrameType) -> None:
        """A call of backward has raised before it has reached the engine: it still ends a forward phase."""
        with self.guard:
            if not self.ignores(outputs):
                self.end_forward([item for item in outputs if isinstance(item, Tensor)], frame)

    def end_forward(self, tensors: Sequence[Tensor], frame: FrameType) -> None:
        """Backward is called on those results: make the stops that come before it."""
        with quiet():
            if not self.updates.stepping:
                self._by_hand(frame)
            root = find_root(tensors, self.tape, self.scaling)
            if root is None:
                self.describer.use(NOT_DRAWN)  # of leaves alone: the graph of an earlier loss has no part in it
                return
            loss = self.loss
            if root.newest >= self.forward.shown_seq:
                self._forward(root, "step", frame)
            elif loss is None or loss.site != root.site or loss.value != root.value:
                self.forward.look(root, frame, self.talk.looks_at("backward"))

    def _after_backward(self, full: bool, deposited: list[Leaf], frame: FrameType, seconds: float) -> None:
        stop = Stop(phase="backward", place=here(frame), loss=self.loss, seconds=seconds, light=not full)
        with quiet():
            for leaf in deposited:
                leaf.scale = self.scaling.factor()
            if full:
                self.describer.look_if_needed(frame)
                stop = self.describer.fill(stop, self.talk.full, self.flows)
            self.updates.wait()
            if self.tape.trim():
                self.calls.reset()
            self._stop(stop)
            self.receipts.after_backward(self._asks_of_update())
            if self._stepped:
                stepped, self._stepped = self._stepped, []
                self._step(stepped, frame)
            elif self.ledger.hooked:
                self._by_hand(frame)

    # Update

    def before_step(self, optimizer: torch.optim.Optimizer, closure: bool) -> None:
        """An optimizer's step begins. Unless it runs the program's closure there is nothing to be seen in it."""
        with self.guard:
            if closure and not self.updates.stepping and not self._inside_backward:
                self._by_hand(sys._getframe(2))
            self.updates.know(optimizer)
            self._idle = None if self._passed else versions_without_gradient(optimizer)
            if not self.updates.stepping and self._asks_of_update():
                self.receipts.before_step(optimizer, closure)
        self.updates.stepping += 1
        if not closure:
            self.recorder.step_aside()

    def after_step(self, optimizer: torch.optim.Optimizer) -> None:
        """An optimizer's step is over; inside backward the stop waits for the backward stop."""
        self.scaling.count_step()
        self.updates.stepping = max(0, self.updates.stepping - 1)
        self.recorder.come_back()
        if self.guard.tripped or self.updates.stepping or self.blackout:
            return
        if self._idle is not None and self._idle == versions_without_gradient(optimizer):
            return
        if self._inside_backward:
            self._stepped.append(optimizer)
        elif threading.get_ident() == self._thread:
            with self.guard, quiet():
                self._step([optimizer], sys._getframe(2))

    def _step(self, stepped: Sequence[torch.optim.Optimizer], frame: FrameType) -> None:
        """Make the stop after an optimizer's step, or after all that stepped inside one backward."""
        optimizer = stepped[-1]
        self.editor.stepped(optimizer)
        update = described(optimizer, self.scaling.take_skipped(), self.updates.number_of(optimizer))
        moved = [leaf for each in dict.fromkeys(stepped) for leaf in self.updates.owned_by(each)]
        self.clues.at_update(optimizer, moved, here(frame))
        anew = min((leaf.step_by(update.number) for leaf in moved), default=0)
        idle = {leaf for item in resting(optimizer) if (leaf := self.leaves.find(item)) is not None}
        still = tuple(leaf.name for leaf in moved if leaf in idle)
        update = replace(update, peak=self.clues.schedules.peak(optimizer), anew=anew, resting=still)
        self._update(update, "step", here(frame), moved, frame)

    def _by_hand(self, search: FrameType | None) -> None:
        """Make an update stop if the program has changed leaves without an optimizer's step."""
        moved = self.updates.take_changed(search)
        if moved and not self.talk.phases:
            self.updates.settle()  # before the first phase it is an initialisation
        elif moved:
            frame = search or sys._getframe(1)
            where = self.updates.where() or here(frame)
            self.clues.at_update(None, moved, where)
            self._update(Update(), "by-hand", where, moved, frame)

    def _update(self, update: Update, reason: Reason, where: Place, moved: list[Leaf], frame: FrameType) -> None:
        full = self.talk.looks_at("update")
        if self.talk.will_wait("update"):
            devices.wait()
        stop = Stop(phase="update", reason=reason, place=where, loss=self.loss, light=not full)
        with quiet():
            if full:
                self.describer.look_if_needed(frame)
            if self._asks_of_update():
                made = self.receipts.at_update(moved, reason == "by-hand", full)
                stop = replace(stop, receipts=made, without_receipt=self.receipts.without if full else ())
            else:
                self.receipts.forget()
            self._tell(self.receipts.lack())
            self.prover.at_update(update, moved)
            for leaf in moved:
                if reason == "by-hand" and not self.updates.may_have_stepped(leaf):
                    leaf.given = True
                else:
                    mark_used(leaf)
                leaf.view = None
            if full:
                stop = self.describer.fill(stop, self.talk.full)
            self.updates.settle()
            self.updates.wait()
            self.tape.scalars.clear()
            self._updated, self._passed = True, False
            names = set(stop.changed)
            changed = tuple(leaf.name for leaf in moved if leaf.name in names)
            self._stop(replace(stop, update=replace(update, leaves=changed)))

    # The end

    def finish(self, reason: Reason) -> None:
        """The end of a notebook's cell or of the program: an update by hand, a loss that nothing has consumed.

        After an exception a loss is none: what came of the pass that it ended is left alone.
        """
        with self.guard, quiet():
            if self.guard.tripped:
                return
            if not self.updates.stepping:
                self._by_hand(sys._getframe(1))
            if reason == "exception":
                return
            scalars = [op for op in self.tape.scalars if op.ref() is not None]  # one that is dropped was a check
            made = [op for op in scalars if not op.consumed and op.seq >= self.forward.shown_seq]
            roots = [kept_root(op, self.tape) for op in made]
            losses = [root for root in roots if not is_statistic(root) or self.forward.names.keys() <= {root.site}]
            if losses:
                self._forward(losses[-1], reason, None)

    def end(self) -> None:
        """No call into the engine is a phase any more."""
        self._inside_backward = True

    # What all of them use

    def _tell(self, text: str) -> None:
        if text:
            self.talk.notice(text)

    def unwatched(self) -> AbstractContextManager[None]:
        """For what the prompt runs, and conditions."""
        return unwatched(self.recorder, self.blackout, self.updates)

    def _asks_of_update(self) -> bool:
        """Whether somebody will ask what an update was made of: at its stop, or at the forward stop after it."""
        return self.talk.looks_at("update") or self.prover.waits

    def _rest(self, stop: Stop) -> Iterator[Statistics | None]:
        """What the stop lacks yet, from all who have something to add."""
        for rest in self.late:
            with self.guard:
                yield from rest(stop)

    def _stop(self, stop: Stop) -> None:
        if not stop.light:
            stop = replace(stop, clues=self.clues.book.take())
        self.talk.stop(stop, None if stop.light else self._rest)


def _is_inside_step(frame: FrameType | None) -> bool:
    """Whether an optimizer's step is under way."""
    while frame is not None and not frame.f_code.co_filename.replace("\\", "/").endswith("torch/optim/optimizer.py"):
        frame = frame.f_back
    return frame is not None
