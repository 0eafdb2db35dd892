"""The learning rate: of the optimizers that are alive, or the variable by which updates by hand step."""

from __future__ import annotations

import contextlib
import gc
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from gradstep.program.edit.evaluate import Answer
from gradstep.program.edit.variables import Scope
from gradstep.program.host.frames import is_user_file

NAMES = ("lr", "learning_rate", "learningrate", "step_size", "stepsize", "eta", "alpha", "rate")
"""What the variable may be called, in any case; the first that is found is taken."""
_OF_GROUP = ("lr", "initial_lr", "max_lr", "min_lr", "swa_lr")
"""Entries of a parameter group that schedulers compute the rate from."""
_OF_SCHEDULE = ("base_lrs", "max_lrs", "eta_min", "_last_lr")
"""Attributes of a scheduler of the same kind."""

_LONGEST = 512
"""Longer containers are not searched."""


@dataclass(frozen=True)
class _Place:
    """Where a value is bound to a name."""

    key: str
    value: Any
    put: Callable[[str, Any], None]
    name: str
    """How the user would write it."""


def scale_rate(factor: float, optimizers: list[torch.optim.Optimizer], scopes: list[Scope]) -> Answer:
    """Multiply it."""
    if optimizers:
        return _scale_optimizers(factor, optimizers)
    found = _by_hand(scopes)
    if not found:
        names = f"{', '.join(NAMES[:3])} …"
        return Answer(f"no optimizer, and no variable {names} here: step on, or set it as in : lr = 0.005", True)
    with torch.no_grad():
        new = found[0].value * factor
    for place in found:
        place.put(place.key, new)
    return Answer(f"{found[0].name} {_number(found[0].value)} → {_number(new)}")


def rates_of(optimizer: torch.optim.Optimizer) -> list[float]:
    """The learning rates of its groups, as far as they have one."""
    rates = (group.get("lr") for group in optimizer.param_groups)
    return [float(rate) for rate in rates if rate is not None]


def _scale_optimizers(factor: float, optimizers: list[torch.optim.Optimizer]) -> Answer:
    scaled: set[int] = set()
    told: list[str] = []
    for optimizer in optimizers:
        before = [_number(group.get("lr")) for group in optimizer.param_groups]
        for group in optimizer.param_groups:
            for name in _OF_GROUP:
                if name in group:
                    group[name] = _times(group[name], factor, scaled)
        after = [_number(group.get("lr")) for group in optimizer.param_groups]
        rates = [" → ".join(pair) for pair in zip(before, after, strict=True)]
        told.append(f"{', '.join(dict.fromkeys(rates))} ({type(optimizer).__name__})")
    schedulers = list(_schedulers(optimizers))
    for scheduler in schedulers:
        for name in _OF_SCHEDULE:
            if name in vars(scheduler):
                setattr(scheduler, name, _times(getattr(scheduler, name), factor, scaled))
    schedule = f", {type(schedulers[0]).__name__} scaled with it" if schedulers else ""
    return Answer(f"lr {', '.join(dict.fromkeys(told))}{schedule}")


def _schedulers(optimizers: list[torch.optim.Optimizer]) -> Iterator[Any]:
    """Those that set the rates of these optimizers; they register nowhere, so all objects are looked through."""
    for item in gc.get_objects():
        if issubclass(type(item), torch.optim.lr_scheduler.LRScheduler):
            owner = vars(item).get("optimizer")
            if any(owner is optimizer for optimizer in optimizers):
                yield item


def _times(value: Any, factor: float, scaled: set[int]) -> Any:
    """A rate or a list of them times the factor; a tensor in place, and only once however often it is met."""
    if isinstance(value, (list, tuple)):
        return type(value)([_times(item, factor, scaled) for item in value])
    if isinstance(value, Tensor):
        if id(value) not in scaled:
            scaled.add(id(value))
            with torch.no_grad():
                value.mul_(factor)
        return value
    return value * factor if _is_rate(value) else value


def _by_hand(scopes: list[Scope]) -> list[_Place]:
    """The variable in the innermost scope that has it, and where its value may come from: others of name and value."""
    direct = [_Place(name, value, scope.set, name) for scope in scopes for name, value in scope.get().items()]
    places = [*direct, *(inner for place in direct for inner in _inside(place))]
    for known in NAMES:
        found = [place for place in places if place.key.lower() == known and _is_rate(place.value)]
        if found:
            return [place for place in found if float(place.value) == float(found[0].value)]
    return []


def _inside(place: _Place) -> Iterator[_Place]:
    """`args.lr`, `config['lr']`."""
    table = _table(place.value)
    for key, value in list((table or {}).items()) if len(table or ()) <= _LONGEST else ():
        if table is not None and isinstance(key, str):
            name = f"{place.name}[{key!r}]" if table is place.value else f"{place.name}.{key}"
            yield _Place(key, value, table.__setitem__, name)


def _table(value: object) -> dict[Any, Any] | None:
    """What an object of the user's holds by name, without running code of its class."""
    kind = type(value)
    if kind is dict:
        return value  # type: ignore[return-value]
    module = value if isinstance(value, ModuleType) else sys.modules.get(kind.__module__)
    if kind in (Namespace, SimpleNamespace) or is_user_file(getattr(module, "__file__", None) or "<none>"):
        with contextlib.suppress(AttributeError):
            found: dict[Any, Any] = object.__getattribute__(value, "__dict__")
            return found
    return None


def _is_rate(value: object) -> bool:
    if isinstance(value, Tensor):
        return value.numel() == 1 and value.is_floating_point() and not value.requires_grad
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _number(value: Any) -> str:
    return "none" if value is None else f"{float(value):.6g}"
