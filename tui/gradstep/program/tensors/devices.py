"""What differs from one type of device to the other: which there are, random numbers, autocast, waiting for them."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import torch
from torch import Tensor

from gradstep.program.tensors.private import DeviceContext, notice, push_mode

RandomState = tuple[Tensor, ...]
AutocastState = tuple[tuple[str, torch.dtype], ...]

TYPES = ("cpu", "cuda", "mps", "xpu")
"""Types of device that may be under autocast."""

_DRAWING = (
    "dropout rrelu bernoulli gumbel attention lstm gru rnn_ compiled checkpoint multinomial normal poisson binomial "
    "uniform_ exponential_ cauchy_ geometric_ random_ fractional_max_pool _standard_gamma _sample_dirichlet"
).split()
"""Parts of the names of ops that may draw random numbers."""


def available() -> tuple[str, ...]:
    """As torch spells them: `cpu`, then `cuda:0`, `mps` and so on."""
    kind = torch.accelerator.current_accelerator()
    if kind is None:
        return ("cpu",)
    if kind.type == "cuda":
        count = torch.cuda.device_count()  # asks the driver's library: CUDA stays untouched, for programs that fork
    else:
        count = torch.accelerator.device_count() if torch.accelerator.is_available() else 0
    names = [kind.type] * count if kind.type == "mps" else [f"{kind.type}:{index}" for index in range(count)]
    return ("cpu", *names)


def random_state() -> RandomState:
    """State of the default generators: the CPU's, and those of the GPUs if they are in use."""
    states = [torch.default_generator.get_state()]
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        states += torch.cuda.get_rng_state_all()
    return tuple(states)


def set_random_state(states: RandomState) -> None:
    """Put the generators back."""
    torch.default_generator.set_state(states[0])
    for number, state in enumerate(states[1:]):
        torch.cuda.default_generators[number].set_state(state)


def may_draw(op: str) -> bool:
    """Whether an op of that name may draw random numbers."""
    return any(part in op for part in _DRAWING)


def autocast_state() -> AutocastState:
    """The types of device under autocast, and to what."""
    return tuple((kind, torch.get_autocast_dtype(kind)) for kind in TYPES if torch.is_autocast_enabled(kind))


def without_autocast(stack: ExitStack) -> None:
    """Out of autocast, on all types of device, until the stack is closed."""
    cache = torch.is_autocast_cache_enabled()
    for kind, _ in autocast_state():
        stack.enter_context(torch.autocast(kind, enabled=False, cache_enabled=cache))


def wait() -> None:
    """Until the device has done its work, if the program uses one."""
    kind = torch.accelerator.current_accelerator()
    if kind is None:
        return
    in_use = getattr(getattr(torch, kind.type, None), "is_initialized", torch.accelerator.is_available)
    if in_use():
        torch.accelerator.synchronize()


def choose(name: str) -> str:
    """The device of that name; ValueError with the list of those there are, if there is none."""
    devices = available()
    short = {device.split(":")[0]: device for device in reversed(devices)}
    if name in devices or name in short:
        return name
    raise ValueError(f"no device {name!r} here; this torch has {', '.join(devices)}")


def use(name: str) -> None:
    """Make tensors on that device wherever the program names none; ValueError where this torch does not offer that."""
    if DeviceContext is None:
        raise ValueError(notice(f"--device {name}"))
    push_mode(_default(torch.device(name)))


def _default(device: torch.device) -> Any:
    """The default device, except for calls that bring a generator of another device (a DataLoader's sampler)."""

    class Default(DeviceContext):  # type: ignore[misc]
        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            generator = (kwargs or {}).get("generator")
            if generator is not None and (kwargs or {}).get("device") is None:
                kwargs = {**kwargs, "device": generator.device} if func is torch.randperm else kwargs
            return super().__torch_function__(func, types, args, kwargs)

    return Default(device)
