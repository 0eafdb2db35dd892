"""Which devices this torch really has, and running a program on one of them."""

from __future__ import annotations

from typing import Any

import torch

from gradstep.program.tensors.private import DeviceContext, notice, push_mode


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
