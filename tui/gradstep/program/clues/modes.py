"""Whether modules are in training or evaluation mode, against what is done with them."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any

from torch import nn

from gradstep.model.clue import Clue
from gradstep.program.clues.book import ClueBook
from gradstep.program.clues.forward_pass import ForwardPass, place_of
from gradstep.program.host.frames import here
from gradstep.program.leaves.leaves import Leaf
from gradstep.program.tape.modules import ModuleStack
from gradstep.program.tape.ops import Op
from gradstep.program.tape.tape import Tape

_DROPOUTS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout)
_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm)
DROPOUTS = frozenset(
    "dropout dropout1d dropout2d dropout3d alpha_dropout feature_alpha_dropout feature_dropout".split()
)
"""Functions that draw which of their elements to drop."""


class ModeClues:
    """Remembers which models were trained in training mode."""

    def __init__(self, modules: ModuleStack, name_of: Callable[[nn.Module], str], book: ClueBook) -> None:
        self._modules = modules
        self._name_of = name_of
        self._book = book
        self._trained: dict[int, weakref.ref[nn.Module]] = {}

    def look(self, run: ForwardPass) -> Iterator[Clue]:
        """Models that read leaves in this pass, in evaluation mode."""
        first = {op.modules[0]: op for op in reversed(run.ops) if op.modules and _reads_leaf(op.inputs)}
        for module in self._modules.outermost():
            op = first.get(id(module))
            if op is None:
                continue
            if module.training:
                self._trained[id(module)] = weakref.ref(module)
                continue
            idle = next((type(part).__name__ for part in module.modules() if _acts(part)), "")
            if idle:
                known = self._trained.get(id(module))
                what = "" if known is not None and known() is module else "never"
                yield Clue("eval-while-training", what, self._name_of(module), idle, place=place_of(op))

    def before_stop(self, root: Sequence[Op], tape: Tape) -> None:
        """A forward pass ends. Has the same model, in training mode, computed something that has no part in it?"""
        own = {op.seq for op in root}
        models = {op.modules[0] for op in root if op.modules}
        for op in tape.since_backward() if len(tape) > len(own) else ():
            acts = op.name in DROPOUTS or (op.name == "batch_norm" and op.scalars[:1] == (True,))
            if op.seq in own or not acts or not op.modules or op.modules[0] not in models:
                continue
            module = self._modules.known(op.modules[0])
            if module is not None and module.training:
                where = place_of(op)
                self._book.add(Clue("validation-in-training", of=self._name_of(module), by=op.name, place=where))
                return

    def dropout(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], frame: FrameType) -> None:
        """A dropout function is called: does it drop though the model is in evaluation mode?"""
        root = self._modules.root()
        if root is None or root.training:
            return
        rate = kwargs.get("p", args[1] if len(args) > 1 else 0.5)
        training = kwargs.get("training", args[2] if len(args) > 2 else True)
        if training is True and rate:
            self._book.add(Clue("dropout-in-eval", of=self._name_of(root), by=name, place=here(frame)))


def _reads_leaf(inputs: tuple[object, ...]) -> bool:
    return any(isinstance(item, Leaf) for item in inputs)


def _acts(module: nn.Module) -> bool:
    """Whether it would do something else in training mode."""
    if module.training:
        return False
    if isinstance(module, _DROPOUTS):
        return module.p > 0
    return isinstance(module, _NORMS) and module.track_running_stats
