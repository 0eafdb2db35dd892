"""What a model's parameters and buffers are, against what they are used for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from gradstep.model.clue import Clue
from gradstep.program.clues.forward_pass import ForwardPass, place_of
from gradstep.program.leaves.leaves import Leaf
from gradstep.program.tape.ops import Constant, Op
from gradstep.program.tensors.views import readable

_MISSPELT = re.compile(r"requires?d?_grads?_?$")
_FEW = 4
"""Elements below which nothing can be said about how a tensor was initialised."""
_LARGE = 1_000_000
"""Elements above which a buffer is not looked into."""
_STATISTICS = ("running_mean", "running_var", "num_batches_tracked")


class WeightClues:
    """What stays the same from pass to pass is told of in the first two."""

    def __init__(self, modules: Callable[[], list[nn.Module]], name_of: Callable[[nn.Module], str]) -> None:
        self._modules = modules
        self._name_of = name_of
        self._tied: dict[tuple[str, str], tuple[Leaf, Leaf]] = {}
        """Weights of an embedding and of a linear layer that were equal when they were first seen."""

    def look(self, run: ForwardPass) -> Iterator[Clue]:
        """The clues of one pass."""
        if run.seen < 2:
            yield from self._attributes()
            yield from _head_frozen(run)
            yield from self._buffers(run)
        yield from self._copies(run)

    def _attributes(self) -> Iterator[Clue]:
        """`requires_grad = False` where it is an attribute like any other, of a module or of a misspelt name."""
        for root in self._modules():
            for path, module in root.named_modules():
                own = module.__dict__.get("requires_grad")
                if own is False and any(item.requires_grad for item in module.parameters()):
                    yield Clue("freeze-no-effect", "module", self._path(root, path), type(module).__name__)
                for name, parameter in module.named_parameters(recurse=False):
                    wrong = [key for key in vars(parameter) if _MISSPELT.match(key) and vars(parameter)[key] is False]
                    if wrong and parameter.requires_grad:
                        yield Clue("freeze-no-effect", "parameter", self._path(root, f"{path}.{name}"), wrong[0])

    def _buffers(self, run: ForwardPass) -> Iterator[Clue]:
        """Buffers that look as an initialiser leaves weights, of models whose forward this was."""
        read = {id(tensor): op for op in run.ops for item in op.inputs if (tensor := _constant(item)) is not None}
        called = {op.modules[0] for op in run.ops if op.modules}
        for root in self._modules():
            for name, buffer in root.named_buffers() if id(root) in called else ():
                if not name.endswith(_STATISTICS) and _is_initialised(buffer):
                    op = read.get(id(buffer))
                    by = op.name if op is not None else ""
                    yield Clue("buffer-not-trained", of=self._path(root, name), by=by, place=place_of(op))

    def _copies(self, run: ForwardPass) -> Iterator[Clue]:
        """Weights of an embedding and of an output layer that began as copies, and have gone apart."""
        if not run.seen:
            tables = {item for op in run.ops if op.name == "embedding" for item in op.inputs if isinstance(item, Leaf)}
            layers = {op.inputs[1] for op in run.ops if op.name == "linear" and len(op.inputs) > 1}
            pairs = ((one, two) for one in tables for two in layers if isinstance(two, Leaf) and one is not two)
            for one, two in pairs:
                if one.shape == two.shape and _are_equal(one, two):
                    self._tied[one.name, two.name] = (one, two)
        for names, (one, two) in list(self._tied.items()):
            if not _are_equal(one, two):
                del self._tied[names]
                yield Clue("tied-by-copy", of=names[0], other=names[1])

    def _path(self, root: nn.Module, path: str) -> str:
        return f"{self._name_of(root)}.{path}".strip(".")


def _head_frozen(run: ForwardPass) -> Iterator[Clue]:
    """The last layer of a model is frozen while layers before it are trained."""
    root = run.root
    last: Op | None = None
    for op in run.above(root) if root is not None else ():
        parameters = [item for item in op.inputs if _is_parameter(item)]
        if parameters and last is None:
            if any(isinstance(item, Leaf) for item in parameters):
                return
            last = op
        elif (
            last is not None
            and any(isinstance(item, Leaf) for item in parameters)
            and op.modules[:1] == last.modules[:1]
        ):
            yield Clue(
                "head-frozen",
                of=run.module(last) or last.name,
                by=last.name,
                other=run.module(op),
                place=place_of(last),
            )
            return


def _is_parameter(item: object) -> bool:
    return isinstance(item, Leaf) or isinstance(_constant(item), nn.Parameter)


def _constant(item: object) -> Tensor | None:
    return item.ref() if isinstance(item, Constant) else None


def _are_equal(one: Leaf, two: Leaf) -> bool:
    first, second = one.tensor, two.tensor
    if first is None or second is None or not readable(first) or not readable(second):
        return False
    if first.device != second.device or not torch.equal(
        first.detach().reshape(-1)[:8], second.detach().reshape(-1)[:8]
    ):
        return False
    return torch.equal(first.detach(), second.detach())


def _is_initialised(buffer: Tensor) -> bool:
    """Whether numbers lie as a uniform or a normal distribution around 0 does, and none comes twice."""
    if not readable(buffer) or not buffer.is_floating_point() or not _FEW <= buffer.numel() <= _LARGE:
        return False
    data = buffer.detach().float().reshape(-1)
    spread, mean = float(data.std()), float(data.mean())
    if not 1e-4 < spread < 3 or abs(mean) > 3 * spread / data.numel() ** 0.5 or float(data.abs().max()) > 6 * spread:
        return False
    ordered = data.sort().values
    return bool((ordered[1:] != ordered[:-1]).all())
