"""Searches a run for clues: each forward pass that is looked at, and calls as they are made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any
from warnings import WarningMessage

from torch import Tensor, nn
from torch.optim import Optimizer

from gradstep.model.clue import Clue
from gradstep.model.message import Statistics
from gradstep.model.place import Place
from gradstep.model.stop import Stop
from gradstep.program.clues import losses, probabilities
from gradstep.program.clues.book import ClueBook
from gradstep.program.clues.clipping import Clipping
from gradstep.program.clues.copies import watch_loading
from gradstep.program.clues.custom_functions import FunctionChecks
from gradstep.program.clues.distributions import LogProbabilities
from gradstep.program.clues.dropped import COPYING, DroppedResults
from gradstep.program.clues.faults.backward import reused_before
from gradstep.program.clues.faults.passes import Passes
from gradstep.program.clues.forward_pass import ForwardPass
from gradstep.program.clues.modes import DROPOUTS, ModeClues
from gradstep.program.clues.repeated_data import DRAWING, RepeatedData
from gradstep.program.clues.roots import Roots
from gradstep.program.clues.schedules import Schedules
from gradstep.program.clues.sums import ADDING, GraphKeeping
from gradstep.program.clues.torch_warnings import TorchWarnings
from gradstep.program.clues.weights import WeightClues
from gradstep.program.evidence.saved import Saved
from gradstep.program.host.blackout import Blackout
from gradstep.program.host.frames import here
from gradstep.program.host.guard import Guard
from gradstep.program.leaves.leaves import Leaf, Leaves
from gradstep.program.leaves.scaling import Scaling
from gradstep.program.stops.describe import Describer
from gradstep.program.stops.forward import ForwardStops
from gradstep.program.tape.modules import ModuleStack
from gradstep.program.tape.ops import Op
from gradstep.program.tape.tape import Tape
from gradstep.program.tensors.private import functions_enabled
from gradstep.program.tensors.quiet import quiet

CALLS = DROPOUTS | COPYING | ADDING | DRAWING
"""Names of the calls that are to be told."""

_SAME = (
    probabilities.normalised_twice,
    probabilities.not_log_probabilities,
    probabilities.softmax_wrong_dim,
    probabilities.loss_at_start,
    losses.broadcast_loss,
    losses.target_requires_grad,
)
"""What holds of all passes of one site, or of none: looked for in the first ones, and then ever more seldom."""
_EACH = (losses.likelihood_minimised, losses.constant_in_loss)


class ClueSearch:
    """All that is looked for in one run."""

    def __init__(
        self,
        leaves: Leaves,
        tape: Tape,
        modules: ModuleStack,
        describer: Describer,
        forward: ForwardStops,
        scaling: Scaling,
        guard: Guard,
        blackout: Blackout,
        iteration: Callable[[], int],
    ) -> None:
        self.book = ClueBook()
        self.schedules = Schedules(self.book)
        self.roots = Roots(tape, scaling, self.book)
        self.functions = FunctionChecks(blackout)
        self.passes = Passes()
        self._tape = tape
        self._describer = describer
        self._forward = forward
        self._guard = guard
        self._clipping = Clipping(leaves, scaling, guard, self.book)
        self._modes = ModeClues(modules, self._name_of, self.book)
        self._dropped = DroppedResults(self.book)
        self._keeping = GraphKeeping(tape, iteration, self.book)
        self._warnings = TorchWarnings(tape, functions_enabled, self.book)
        self._weights = WeightClues(modules.outermost, self._name_of)
        self._log_probabilities = LogProbabilities()
        self._repeats = RepeatedData()
        self._over_one = probabilities.OverOne()
        self._passes: Counter[str] = Counter()
        self._known: dict[str, list[Clue]] = {}
        """What was found last in the passes of a site, of what is not looked for in each."""

    def watch(self) -> None:
        """Follow the functions that no function mode sees."""
        self._clipping.watch()
        self.schedules.watch()
        self._log_probabilities.watch()
        watch_loading(self._guard, self._name_of, self.book)

    def called(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any, frame: FrameType) -> None:
        """One of `CALLS` has returned."""
        if name in COPYING:
            self._dropped.made(name, args, result, frame)
        elif name in ADDING:
            self._keeping.added(args, result, frame)
        elif name in DRAWING:
            self._repeats.drew(result)
        else:
            self._modes.dropout(name, args, kwargs, frame)

    def warned(self, message: WarningMessage, frame: FrameType) -> None:
        """A warning is about to be shown, raised by `frame`."""
        if not self._guard.tripped:
            with self._guard:
                self._warnings.warned(message, frame)

    def grad_read(self, tensor: Any, frame: FrameType) -> None:
        """`.grad` is read."""
        if not self._guard.tripped:
            with self._guard:
                self._warnings.grad_read(tensor, frame)

    def given(self, root: Any, gradient: Any, frame: FrameType) -> None:
        """Backward is called on `root` with a gradient to begin with."""
        self.roots.given(root, gradient, here(frame))

    def before_stop(self, ops: Sequence[Op]) -> None:
        """A forward pass of those ops ends."""
        self._modes.before_stop(ops, self._tape)

    def before_backward(self, roots: Sequence[Tensor], where: Place, deposits: bool, stepping: bool) -> None:
        """Backward is about to be called."""
        self.roots.before_backward(list(roots), where, deposits, stepping)
        self.passes.begin(roots, where)
        self._clipping.before_backward()

    def at_update(self, optimizer: Optimizer | None, moved: Sequence[Leaf], where: Place) -> None:
        """Leaves were moved, by an optimizer or by hand."""
        self.passes.updated(type(optimizer).__name__ if optimizer is not None else "", moved, where)
        self.roots.at_update()
        if optimizer is not None:
            self.schedules.stepped(optimizer, self._forward.loss)
            self._clipping.at_update(any(leaf.tensor is not None and leaf.tensor.grad is not None for leaf in moved))

    def rest(self, stop: Stop) -> Iterator[Statistics | None]:
        """The clues of a forward pass."""
        loss = self._forward.loss
        if not stop.whole or stop.phase != "forward" or loss is None:
            return
        self.schedules.at_loss(loss)
        with quiet():
            roots = [item for item in (ref() for ref in self._forward.roots) if item is not None]
            drawn, seen = self._describer.drawn, self._passes[loss.site]
            self._passes[loss.site] += 1
            run = ForwardPass(drawn, lambda: Saved(roots, self._tape), seen, self._log_probabilities)
            found = [clue for look in _EACH for clue in look(run)]
            found += [*self._modes.look(run), *self._weights.look(run), *self._over_one.look(run)]
            found += reused_before(list(drawn.ops), roots, self.passes, self._tape)
            if seen < 2 or seen & (seen - 1) == 0 or loss.site not in self._known:
                self._known[loss.site] = [clue for look in _SAME for clue in look(run)]
            found += self._known[loss.site]
            found += self._repeats.look(loss, list(drawn.ops))
        found += self.functions.look()
        if found:
            yield Statistics(stop.index, clues=tuple(found))

    def _name_of(self, module: nn.Module) -> str:
        """What the user calls a module: by a variable that leads to it, else by its class."""
        known = self._describer.modules.get(id(module))
        return known.path if known is not None else type(module).__name__
