"""Explains the exception that has ended the program, if it is one that torch raises for what the program gave it."""

from __future__ import annotations

from collections.abc import Sequence
from types import CodeType

import torch
from torch import Tensor

from gradstep.model.clue import Clue
from gradstep.program.clues.faults.backward import changed_in_place, graph_reused
from gradstep.program.clues.faults.cut import cut_graph
from gradstep.program.clues.faults.failure import Call, Failure
from gradstep.program.clues.faults.mismatch import mismatch
from gradstep.program.clues.faults.passes import Passes
from gradstep.program.clues.faults.values import out_of_range
from gradstep.program.clues.faults.witness import Witness
from gradstep.program.graph.losses import find_root
from gradstep.program.leaves.leaves import Leaves
from gradstep.program.leaves.scaling import Scaling
from gradstep.program.stops.describe import Describer
from gradstep.program.stops.forward import ForwardStops
from gradstep.program.tape.tape import Tape
from gradstep.program.tensors.quiet import quiet

_KINDS = (RuntimeError, ValueError, IndexError, AssertionError)
"""What torch raises for tensors that do not fit."""


class Explanation:
    """Of the exception that ends one run."""

    def __init__(
        self, leaves: Leaves, tape: Tape, describer: Describer, forward: ForwardStops, scaling: Scaling, passes: Passes
    ) -> None:
        self.clues: tuple[Clue, ...] = ()
        """What was found; empty of any other exception."""
        self._tape = tape
        self._leaves = leaves
        self._describer = describer
        self._forward = forward
        self._scaling = scaling
        self._passes = passes

    def explain(self, error: BaseException, recording: frozenset[CodeType], engine: CodeType | None) -> None:
        """The program has ended so; its frames are alive still, and its traceback has all of ours."""
        if not isinstance(error, _KINDS):
            return
        grad = torch.is_grad_enabled()
        with quiet():
            failure = Failure(error, recording, engine)
            if failure.roots is None and failure.call is None:
                return
            witness = Witness(failure, self._tape, self._leaves, self._describer)
            if failure.roots is not None:
                self._draw_root(failure.roots, failure)
                self.clues = tuple(
                    graph_reused(witness, self._passes, self._tape)
                    or changed_in_place(witness, self._passes, self._tape, self._leaves)
                    or cut_graph(witness, grad)
                )
            elif failure.call is not None:
                self.clues = self._of_call(witness, failure.call)

    def _of_call(self, witness: Witness, call: Call) -> tuple[Clue, ...]:
        """What a call did not fit, with the graph of what had led to it."""
        for look in (out_of_range, mismatch):
            clue = look(witness, call)
            if clue is not None:
                if self._draw_inputs(call.tensors, witness.failure):
                    clue = look(witness, call)
                return (clue,) if clue is not None else ()
        return ()

    def _draw_root(self, roots: Sequence[Tensor], failure: Failure) -> None:
        """Where nobody has looked at the last forward pass, its graph was not drawn."""
        root = None if self._describer.drawn.ops else find_root(roots, self._tape, self._scaling)
        if root is not None:
            self._forward.look(root, failure.frame, full=True)

    def _draw_inputs(self, tensors: Sequence[Tensor], failure: Failure) -> bool:
        """Draw the ops of the forward pass that was under way, up to the call that has failed."""
        ops = [op for item in tensors if item.grad_fn is not None and (op := self._tape.root(item)) is not None]
        if any(op.seq >= self._forward.shown_seq for op in ops):
            self._forward.draw_part(self._tape.feeding(ops), failure.frame)
            return True
        return False
