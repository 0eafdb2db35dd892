"""Updates: an optimizer's step, or leaves that the program has changed by hand, in whatever spelling."""

from __future__ import annotations

from collections.abc import MutableMapping
from types import CodeType, FrameType
from typing import Any

import torch
from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils.weak import WeakIdKeyDictionary

from gradstep.model.place import Place
from gradstep.model.stop import Update
from gradstep.program.host.frames import is_torch_or_ours, place, user_frame
from gradstep.program.leaves.leaves import Leaf, Leaves, same_bits
from gradstep.program.leaves.names import Scope
from gradstep.program.tensors.quiet import quiet
from gradstep.program.tensors.views import shape_of, version_of

CodeLine = tuple[CodeType, int]


class Updates:
    """Knows who owns which leaf, and finds out which leaves have changed since the last stop.

    Leaves of an optimizer are copied when the program is seen to write to them outside a step; all others are compared
    with a snapshot, for a write through numpy or a detached alias moves no version counter.
    """

    def __init__(self, leaves: Leaves) -> None:
        self._leaves = leaves
        self.awaiting = True
        """Backward has run (or an update): writes to leaves are looked for until the next forward begins."""
        self.stepping = 0
        """Depth of optimizers' steps under way."""
        self.suspicious = True
        """Something may have been written since we last compared."""
        self.unseen = False
        """Code that is compiled has run since the last stop, which may have read any gradient."""
        self.rebound: list[tuple[Leaf, Leaf]] = []
        """New leaves made of others, and those: `w = (w - lr * w.grad).detach().requires_grad_()`."""
        self._optimizers: MutableMapping[torch.optim.Optimizer, int] = WeakIdKeyDictionary()
        self._met = 0
        self._owned: MutableMapping[Tensor, tuple[int, ...]] = WeakIdKeyDictionary()
        self._derived: dict[int, tuple[StorageWeakRef, Leaf, CodeLine | None]] = {}
        """By address: what was computed from which leaf, and where."""
        self._written: set[CodeLine] = set()
        self._last_write: CodeLine | None = None

    def add_group(self, optimizer: torch.optim.Optimizer) -> None:
        """The parameters of an optimizer are leaves, and that optimizer's."""
        number = self._optimizers.get(optimizer, -1)
        if number < 0:
            number, self._met = self._met, self._met + 1
            self._optimizers[optimizer] = number
        with quiet():
            for parameter in (item for group in optimizer.param_groups for item in group["params"]):
                if parameter.requires_grad and parameter.is_leaf:
                    others = (known for known in self._owned.get(parameter, ()) if known != number)
                    self._owned[parameter] = (*others, number)
                    leaf = self._leaves.add(parameter)
                    leaf.owners, leaf.trained = self._owned[parameter], True
                    if not (self.awaiting and leaf.passes):  # else it may have been changed since backward
                        leaf.snapshot = None

    def know(self, optimizer: torch.optim.Optimizer) -> None:
        """An optimizer steps; it may have been made where we did not see it."""
        if optimizer not in self._optimizers:
            self.add_group(optimizer)

    def optimizers(self) -> list[torch.optim.Optimizer]:
        """Those that are alive, in the order in which they were met."""
        return list(self._optimizers)

    def number_of(self, optimizer: torch.optim.Optimizer) -> int:
        """An optimizer's number."""
        return self._optimizers.get(optimizer, -1)

    def owned_by(self, optimizer: torch.optim.Optimizer) -> list[Leaf]:
        """The leaves of an optimizer."""
        number = self.number_of(optimizer)
        return [leaf for leaf in self._leaves if number in leaf.owners]

    def new_leaf(self, tensor: Tensor) -> Leaf:
        """A leaf that is met for the first time: perhaps the next value of one we know."""
        leaf = self._leaves.add(tensor)
        leaf.owners = self._owned.get(tensor, ())
        with quiet():
            before, line = self._source_of(tensor) if self._derived and self.awaiting else (None, None)
            if before is not None and before is not leaf and before.shape == shape_of(tensor):
                self.rebound.append((leaf, before))
                self._last_write = line or self._last_write
        return leaf

    def leaf_of(self, tensor: Tensor) -> Leaf:
        """The leaf of that tensor, met before or not."""
        return self._leaves.find(tensor) or self.new_leaf(tensor)

    def _source_of(self, tensor: Tensor) -> tuple[Leaf | None, CodeLine | None]:
        """The leaf that a tensor was computed from since backward, and the line that did it."""
        if tensor.layout is not torch.strided:
            return None, None
        memory, leaf, line = self._derived.get(tensor.untyped_storage().data_ptr(), (None, None, None))
        gone = memory is None or memory.expired()  # type: ignore[no-untyped-call]
        return (None, None) if gone else (leaf, line)

    def derive(self, inputs: list[Any], result: Any, frame: FrameType) -> None:
        """Between backward and forward: `result` was computed from `inputs`; it may become a leaf's next value."""
        if not isinstance(result, Tensor) or self.stepping:
            return
        with quiet():
            if result.layout is not torch.strided:
                return
            memory = result.untyped_storage()
            for item in inputs:
                source = item if isinstance(item, Leaf) else None
                if isinstance(item, Tensor):
                    source = self._source_of(item)[0] or next(iter(self._leaves.sharing(item)), None)
                tensor = source.tensor if source is not None else None
                if source is not None and tensor is not None and source.shape == shape_of(result):
                    if memory.data_ptr() != tensor.untyped_storage().data_ptr():
                        line = self._line_of(frame)
                        self._derived[memory.data_ptr()] = (StorageWeakRef(memory), source, line)  # type: ignore[no-untyped-call]
                    return

    def before_write(self, target: Tensor, frame: FrameType | None) -> bool:
        """The program is about to write into `target`; True if that is the memory of a leaf or of its gradient.

        `frame`: where it does, None if what it writes is no content.
        """
        if not self.awaiting or self.stepping:
            return False
        touched = self._leaves.sharing(target)
        if not touched:
            return False
        with quiet():
            for leaf in touched:
                leaf.now_of = None
                if leaf.snapshot is None and leaf.passes:
                    leaf.remember()
        self.suspicious = True
        self._last_write = self._line_of(frame) or self._last_write
        return True

    def gradient_read(self, tensor: Tensor, frame: FrameType) -> None:
        """`.grad` is read there; where torch reads it, to clear or to clip it, it is for no update by hand."""
        leaf = self._leaves.find(tensor)
        if leaf is not None and not leaf.asked and not is_torch_or_ours(frame.f_code.co_filename):
            leaf.asked = True

    def may_have_stepped(self, leaf: Leaf) -> bool:
        """Whether a change by hand may be a step: nobody has used a gradient that nobody has asked for.

        Else it was given its values: a target network that a loss goes through, and that follows another one. Where the
        program has asked for its gradient (to log it), a plain copy of what an optimizer trains is told by its content.
        """
        if leaf.owners or self.unseen:
            return True
        return leaf.asked and not any(_is_copy(leaf, other) for other in self._leaves if other.owners)

    def expose(self, tensor: Tensor) -> None:
        """A leaf's memory is handed out as a numpy array: writes to it are not seen, so keep its content to compare."""
        if isinstance(tensor, Tensor) and self.awaiting:
            with quiet():
                for leaf in self._leaves.sharing(tensor):
                    if leaf.snapshot is None and leaf.passes:
                        leaf.remember()
            self.suspicious = True

    def is_own_line(self, frame: FrameType | None) -> bool:
        """Whether that line of the program has written to a leaf: what it reads is part of the update."""
        return frame is not None and (frame.f_code, frame.f_lineno) in self._written and not self.rebound

    def take_changed(self, frame: FrameType | None) -> list[Leaf]:
        """The leaves whose content is not what it was at the last stop, those that were replaced included.

        Those that no backward pass has reached take no part in a loss: a target network, averaged weights.
        `frame`: where to look for leaves that replace others, perhaps not read yet; None not to look.
        """
        self.suspicious = False
        with quiet():
            scope = Scope(frame) if frame is not None and (self._derived or self.rebound) else None
            for tensor in scope.tensors.values() if scope is not None else ():
                if tensor.requires_grad and tensor.is_leaf and self._leaves.find(tensor) is None:
                    self.new_leaf(tensor)
            changed = self._replaced(scope)
            changed += [leaf for leaf in self._leaves if leaf.passes and leaf not in changed and leaf.differs()]
        return changed

    def _replaced(self, scope: Scope | None) -> list[Leaf]:
        """New leaves that bear the name of the one they were made of: they are its next value."""
        pairs, self.rebound = self.rebound, []
        taken = []
        for leaf, before in pairs:
            if scope is not None and before.name:
                follows = scope.bound.get(before.name) == id(leaf.tensor)
            else:
                follows = before.tensor is None
            if follows:
                leaf.follow(before)
                leaf.snapshot = before.snapshot
                taken.append(leaf)
        return taken

    def where(self) -> Place | None:
        """The line that last wrote to a leaf, if it was seen."""
        return place(*self._last_write) if self._last_write is not None else None

    def wait(self) -> None:
        """A backward pass or an update is over: look for writes from here on."""
        self.awaiting = self.suspicious = True
        self.unseen = False
        self._written.clear()
        self._derived.clear()
        self._last_write = None
        with quiet():
            self._leaves.index_storages()

    def settle(self) -> None:
        """An update was shown: what the leaves hold now is what the next one is compared with."""
        for leaf in self._leaves:
            if leaf.owner >= 0:
                leaf.snapshot = None
            elif leaf.trained:
                leaf.remember()

    def begin(self) -> None:
        """A forward pass begins: writes are no longer looked for."""
        self.awaiting = False
        self._derived.clear()

    def _line_of(self, frame: FrameType | None) -> CodeLine | None:
        """The user's line there: what it reads besides is no forward pass."""
        user = user_frame(frame)
        if user is None:
            return None
        self._written.add((user.f_code, user.f_lineno))
        return user.f_code, user.f_lineno


def _is_copy(leaf: Leaf, other: Leaf) -> bool:
    one, two = leaf.content, other.content
    return one is not None and two is not None and leaf.shape == other.shape and same_bits(one.detach(), two.detach())


def described(optimizer: torch.optim.Optimizer, skipped: int, number: int) -> Update:
    """What an optimizer's step is, in words. `skipped`: steps that a GradScaler left out before."""
    group: dict[str, Any] = next(iter(optimizer.param_groups), {})
    rate, maximize = _rate(group.get("lr")), group.get("maximize", False) is True
    parameters = [id(item) for part in optimizer.param_groups for item in part.get("params", ())]
    doubled = len(parameters) - len(set(parameters))
    name, remembers = type(optimizer).__name__, _remembers(optimizer)
    return Update(name, rate, maximize, skipped, number=number, remembers=remembers, doubled=doubled)


def resting(optimizer: torch.optim.Optimizer) -> list[Tensor]:
    """The parameters in groups whose learning rate is 0, if other groups are trained."""
    rates = [_rate(group.get("lr")) for group in optimizer.param_groups]
    if not any(rates):
        return []
    groups = zip(optimizer.param_groups, rates, strict=True)
    return [item for group, rate in groups if rate == 0 for item in group["params"]]


def _rate(value: Any) -> float | None:
    """A learning rate as a number, if it is one."""
    try:
        return float(value)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        return None


def _remembers(optimizer: torch.optim.Optimizer) -> bool:
    """Whether it keeps tensors from step to step, besides the number of steps."""
    kept = next(iter(optimizer.state.values()), None)
    items = kept.items() if isinstance(kept, dict) else ()
    return any(isinstance(item, Tensor) and key != "step" for key, item in items)


def versions_without_gradient(optimizer: torch.optim.Optimizer) -> list[int] | None:
    """How often each of its parameters has been written to; None if one of them has a gradient."""
    parameters = [item for group in optimizer.param_groups for item in group["params"]]
    return None if any(item.grad is not None for item in parameters) else [version_of(item) for item in parameters]
