"""What was shown of leaves, results and gradients: what is not so any more has changed."""

from __future__ import annotations

from gradstep.model.stop import Gradient
from gradstep.model.tensor import TensorView
from gradstep.program.tensors.views import is_rough


class LastShown:
    """What was shown last.

    A rough view lacks the statistics that two tensors are compared by: what has one is taken for changed until they are
    there.
    """

    def __init__(self) -> None:
        self._tensors: dict[str, TensorView] = {}
        self._gradients: dict[str, Gradient] = {}
        self._given = self._gradients
        """As it was handed to us: handed in again, nothing has changed."""
        self._before: dict[str, TensorView] = {}
        """What was known of that which is rough now."""

    def changed(self, tensors: dict[str, TensorView], gradients: dict[str, Gradient]) -> tuple[str, ...]:
        """Names of what is not as it was shown."""
        get = self._tensors.get
        changed = [name for name, shown in tensors.items() if (old := get(name)) is not shown and _is_new(old, shown)]
        if gradients is not self._given:
            known = dict.fromkeys((*gradients, *self._gradients))
            changed += [of_gradient(name) for name in known if _turned(self._gradients.get(name), gradients.get(name))]
        return tuple(changed)

    def show(self, tensors: dict[str, TensorView], gradients: dict[str, Gradient]) -> None:
        """This is shown now."""
        get = self._tensors.get
        olds: list[tuple[str, TensorView | None]] = [
            (name, old) for name, view in tensors.items() if (old := get(name)) is not view and old and is_rough(view)
        ]
        if gradients is not self._given:
            olds += [
                (of_gradient(name), known.now)
                for name, entry in gradients.items()
                if entry.now is not None and is_rough(entry.now) and (known := self._gradients.get(name)) is not None
            ]
        self._before = {name: view for name, view in olds if view is not None and not is_rough(view)}
        self._tensors.update(tensors)
        if gradients is not self._given:
            self._given, self._gradients = gradients, dict(gradients)

    def learn(self, name: str, rough: TensorView, whole: TensorView) -> bool:
        """The statistics of what is shown are there; whether it is as it was before."""
        if self._tensors.get(name) is rough:
            self._tensors[name] = whole
        return self._before.pop(name, None) == whole

    def learn_gradient(self, name: str, rough: TensorView, entry: Gradient) -> bool:
        """The same of a gradient."""
        known = self._gradients.get(name)
        if known is not None and known.now is rough:
            self._gradients[name] = entry
        return self._before.pop(of_gradient(name), None) == entry.now and entry.returned is None


def of_gradient(name: str) -> str:
    """How a leaf's gradient is called among what has changed."""
    return f"{name}.grad"


def _is_new(old: TensorView | None, new: TensorView) -> bool:
    """Whether a view shows something else. Two rough views cannot be compared: it is the same only if it is reused."""
    return old is not new and (old is None or is_rough(new) or old != new)


def _turned(old: Gradient | None, new: Gradient | None) -> bool:
    """Whether what is in `.grad` (or was returned) is not what it was."""
    before, after = (old.now if old else None), (new.now if new else None)
    returned_before, returned = (old.returned if old else None), (new.returned if new else None)
    changed = before is not None if after is None else _is_new(before, after)
    return changed or (returned is not None and _is_new(returned_before, returned))
