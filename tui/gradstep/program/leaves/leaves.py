"""The leaves: what is trained, what its content was, and what became of its gradient."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator
from types import CodeType

import torch
from torch import Tensor
from torch.nn.parameter import is_lazy

from gradstep.model.tensor import TensorView
from gradstep.program.tensors.memory import has_memory, same_bytes
from gradstep.program.tensors.views import readable, shape_of

_SAME_SIZE = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}


class Leaf:
    """One leaf tensor, for as long as the program keeps it."""

    __slots__ = (
        "anew",
        "asked",
        "by_hand",
        "fresh",
        "given",
        "hand_part",
        "held",
        "known_grad",
        "library",
        "lineage",
        "missed",
        "name",
        "now",
        "now_dot",
        "now_of",
        "owners",
        "passes",
        "peak",
        "read",
        "ref",
        "returned",
        "scale",
        "shape",
        "snapshot",
        "stale",
        "stale_dot",
        "stale_part",
        "stepper",
        "trained",
        "units",
        "updates",
        "used",
        "view",
        "view_of",
    )

    def __init__(self, tensor: Tensor, gone: Callable[[object], None] | None = None) -> None:
        """`gone` is told when the program has dropped it."""
        self.ref = weakref.ref(tensor, gone)
        self.shape = shape_of(tensor)
        self.name = ""
        self.library = ""
        """Path of the library's module that it is of; empty where it is of the program's own."""
        self.lineage = 0
        """The same for a leaf and for those that take its place."""
        self.owners: tuple[int, ...] = ()
        """Numbers of the optimizers that have it."""
        self.trained = False
        """It has had a gradient, or an optimizer has it."""
        self.snapshot: Tensor | None = None
        """Its content at the last stop, where only comparing can tell whether it was changed."""
        self.view: TensorView | None = None
        """As last shown."""
        self.view_of = -1
        """The tensor's version then."""
        self.units: tuple[TensorView, bool] | None = None
        """Whether all its rows or columns are equal, and the view that shows what this was found of."""
        self.asked = False
        """The program has read its gradient by itself, and may use it in an update by hand."""
        self.given = False
        """The program has given it values by hand in which no gradient has a part."""
        self.used = False
        """An update has used some of what is in `.grad`."""
        self.known_grad: weakref.ref[Tensor] | None = None
        """The tensor that was in `.grad` when we last looked."""
        self.now: TensorView | None = None
        """`.grad` as last shown."""
        self.now_of: tuple[weakref.ref[Tensor], int] | None = None
        """The tensor that `now` shows, and its version."""
        self.held: TensorView | None = None
        self.fresh: TensorView | None = None
        self.returned: TensorView | None = None
        self.stale = self.by_hand = False
        self.stale_part: Tensor | None = None
        self.hand_part: Tensor | None = None
        """What the program itself had put into `.grad` before backward added to it."""
        self.stale_dot = self.now_dot = 0.0
        self.scale: float | None = None
        self.passes = self.updates = self.missed = 0
        """Backward passes that reached it, updates of its owner, and how many of these it has had no gradient at."""
        self.peak = 0.0
        """Largest norm of its gradient."""
        self.stepper, self.anew = -1, 0
        """The newest optimizer that has stepped it, and how many updates running each was by one newer than before."""
        self.read: tuple[CodeType, int] | None = None
        """Code and line of an op that has read it."""

    @property
    def owner(self) -> int:
        """Number of the optimizer that was the last to be given it; -1 for none."""
        return self.owners[-1] if self.owners else -1

    @property
    def tensor(self) -> Tensor | None:
        """The tensor, or None once the program has dropped it."""
        return self.ref()

    @property
    def content(self) -> Tensor | None:
        """The same, but None too while the program has freed its memory."""
        tensor = self.ref()
        return tensor if tensor is not None and has_memory(tensor) else None

    def remember(self) -> None:
        """Copy its content into the snapshot, reusing the snapshot's memory."""
        tensor = self.ref()
        if tensor is None or tensor.layout is not torch.strided or not readable(tensor) or tensor.is_nested:
            return
        old = self.snapshot
        if old is not None and old.shape == tensor.shape and old.dtype == tensor.dtype and old.device == tensor.device:
            old.copy_(tensor.detach())
        else:
            self.snapshot = tensor.detach().clone()

    @property
    def frozen(self) -> bool:
        """Whether it is none: it requires no grad, and neither a backward pass nor an update has ever reached it."""
        tensor = self.ref()
        return tensor is not None and not tensor.requires_grad and not self.passes and not self.updates

    def train(self) -> None:
        """A backward pass has reached it: from now on the program may change it."""
        self.passes += 1
        if not self.trained and self.owner < 0:
            self.remember()
        self.trained = True

    def step_by(self, number: int) -> int:
        """The optimizer of that number has stepped it; returns `anew`."""
        self.anew = self.anew + 1 if 0 <= self.stepper < number else 0
        self.stepper = max(self.stepper, number)
        return self.anew

    def follow(self, before: Leaf) -> None:
        """It takes the place of another leaf."""
        self.name, self.trained, self.lineage = before.name, True, before.lineage
        self.passes, self.updates, self.missed = before.passes, before.updates, before.missed
        self.peak, self.read = before.peak, before.read
        self.asked, self.given = before.asked, before.given
        before.trained, before.name = False, ""

    def differs(self) -> bool:
        """Whether its content is not the snapshot's, bit by bit."""
        tensor, old = self.ref(), self.snapshot
        return tensor is not None and old is not None and has_memory(tensor) and not same_bits(tensor.detach(), old)


def same_bits(one: Tensor, two: Tensor) -> bool:
    """Equality of content: NaN equals the same NaN, and 0.0 is not -0.0."""
    if one.shape != two.shape or one.dtype != two.dtype or one.device != two.device:
        return False
    if one.is_complex():
        one, two = torch.view_as_real(one.resolve_conj()), torch.view_as_real(two.resolve_conj())
    kind = _SAME_SIZE.get(one.element_size())
    if kind is None or not one.is_floating_point():
        return torch.equal(one, two)
    one, two = one.resolve_neg().view(kind), two.resolve_neg().view(kind)
    if one.device.type == "cpu" and one.is_contiguous() and two.is_contiguous():
        return same_bytes(one, two)  # seven times as fast as torch.equal
    return torch.equal(one, two)


class Leaves:
    """All leaves seen so far, by identity; those the program has dropped are forgotten."""

    def __init__(self) -> None:
        self._by_id: dict[int, Leaf] = {}
        self._alive: list[Leaf] | None = None
        """Those that are iterated over; None once that has changed."""
        self._storages: dict[int, list[Leaf]] | None = None
        self._count = 0

    def __iter__(self) -> Iterator[Leaf]:
        if self._alive is None:
            self._by_id = {key: leaf for key, leaf in self._by_id.items() if leaf.ref() is not None}
            self._alive = list(self._by_id.values())
        return iter(self._alive)

    def _changed(self, _: object = None) -> None:
        self._alive = None

    def find(self, tensor: Tensor) -> Leaf | None:
        """The leaf of that very tensor, if it was seen before."""
        leaf = self._by_id.get(id(tensor))
        return leaf if leaf is not None and leaf.ref() is tensor else None

    def add(self, tensor: Tensor) -> Leaf:
        """The leaf of that tensor, new if it was not seen before."""
        leaf = self.find(tensor)
        if leaf is None:
            self._changed()
            leaf = self._by_id[id(tensor)] = Leaf(tensor, self._changed)
            self._count += 1
            leaf.lineage = self._count
        return leaf

    def arrange(self, order: Iterable[int]) -> None:
        """Put those of the leaves whose tensors have these identities into that order, in the places that they have."""
        wanted = [key for key in order if key in self._by_id]
        inside = set(wanted)
        known = [key for key in self._by_id if key in inside]
        if known != wanted:
            following = iter(wanted)
            keys = [next(following) if key in inside else key for key in self._by_id]
            self._by_id = {key: self._by_id[key] for key in keys}
            self._changed()

    def forget(self, leaf: Leaf) -> None:
        """It is no leaf of the program any more, though something may keep its tensor alive."""
        self._by_id = {key: other for key, other in self._by_id.items() if other is not leaf}
        self._changed()

    def index_storages(self) -> None:
        """The leaves' memory may be elsewhere now; looked up once `sharing` is asked for."""
        self._storages = None

    def _indexed(self) -> dict[int, list[Leaf]]:
        if self._storages is None:
            self._storages = {}
            for leaf in self:
                tensor = leaf.tensor
                for memory in (tensor, tensor.grad) if tensor is not None else ():
                    if memory is not None and _is_placed(memory):
                        self._storages.setdefault(_address(memory), []).append(leaf)
        return self._storages

    def sharing(self, tensor: Tensor) -> list[Leaf]:
        """The leaves whose memory, or whose gradient's, that tensor is (`.data`, `.detach()`, a view)."""
        leaf = self.find(tensor)
        if leaf is not None:
            return [leaf]
        if not _is_placed(tensor):
            return []
        return self._indexed().get(_address(tensor), [])


def _is_placed(tensor: Tensor) -> bool:
    """Whether it has an address: a lazy module's parameter has none yet."""
    return tensor.layout is torch.strided and not is_lazy(tensor)


def _address(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()
